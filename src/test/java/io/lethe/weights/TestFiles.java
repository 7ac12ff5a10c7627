// Where test data stand, and small files made from a header.
package io.lethe.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

final class TestFiles {
  private TestFiles() {}

  static Path golden(String name) {
    try {
      return Path.of(TestFiles.class.getResource("/golden/" + name).toURI());
    } catch (URISyntaxException impossible) {
      throw new AssertionError(impossible);
    }
  }

  static Path bundled(String model) {
    return Path.of("src", "main", "models", model);
  }

  /** A file with this header, as it is, and these data (none if null). */
  static Path withHeader(Path file, String header, byte[] data) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).array());
    out.write(text);
    out.write(data == null ? new byte[0] : data);
    return Files.write(file, out.toByteArray());
  }
}
