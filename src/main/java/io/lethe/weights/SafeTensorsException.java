// The one error that a malformed or hostile safetensors file can cause.
package io.lethe.weights;

import io.lethe.UserError;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/** A safetensors file was refused: names the file, the tensor where there is one, and the byte. */
public final class SafeTensorsException extends UserError {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final String tensor;
  private final long offset;

  public SafeTensorsException(
      Path file, String tensor, long offset, String reason, Throwable cause) {
    super(describe(file, tensor, offset, reason), cause);
    this.file = file.toString();
    this.tensor = tensor;
    this.offset = offset;
  }

  public SafeTensorsException(Path file, String tensor, long offset, String reason) {
    this(file, tensor, offset, reason, null);
  }

  /** The file that was refused, as it was named to the reader. */
  public String file() {
    return file;
  }

  /** The tensor at fault, raw as the header spells it; empty where the file as a whole is wrong. */
  public Optional<String> tensor() {
    return Optional.ofNullable(tensor);
  }

  /** The byte of the file at which the fault lies; empty where there is none. */
  public OptionalLong offset() {
    return offset < 0 ? OptionalLong.empty() : OptionalLong.of(offset);
  }

  private static String describe(Path file, String tensor, long offset, String reason) {
    StringBuilder message = new StringBuilder(Printable.quote(file.toString()));
    if (tensor != null) {
      message.append(", tensor ").append(Printable.quote(tensor));
    }
    if (offset >= 0) {
      message.append(", byte ").append(offset);
    }
    return message.append(": ").append(reason).toString();
  }
}
