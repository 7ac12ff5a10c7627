// Who works on a cell: a lock that ends with its owner.
package io.lethe.compare;

import io.lethe.UserError;
import io.lethe.weights.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A file that the operating system locks for one process; whatever way that process ends, the lock
 * ends too, so that a claim is never stale, only its file may be left. The file says who had it
 * last. It is removed only once the work is there for all to see, since whoever waits for a removed
 * file's lock must find something else that says that there is nothing left to do.
 */
final class Claim implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;

  private Claim(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** Claims the work that this file stands for; nothing when somebody else is at it. */
  static Optional<Claim> of(Path file) {
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        if (channel.tryLock() == null) {
          channel.close();
          return Optional.empty();
        }
        String owner = "process " + ProcessHandle.current().pid() + "\n";
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(owner.getBytes(StandardCharsets.UTF_8)));
        return Optional.of(new Claim(file, channel));
      } catch (OverlappingFileLockException ours) {
        channel.close();
        return Optional.empty();
      } catch (IOException failure) {
        channel.close();
        throw failure;
      }
    } catch (IOException failure) {
      throw new UserError(
          "cannot claim " + Printable.quote(file.toString()) + ": " + failure, failure);
    }
  }

  /** The work is done, and can be seen: nobody will need this claim any more. */
  void finished() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException failure) {
      throw new UserError(
          "cannot remove " + Printable.quote(file.toString()) + ": " + failure, failure);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException failure) {
      throw new UserError(
          "cannot release " + Printable.quote(file.toString()) + ": " + failure, failure);
    }
  }
}
