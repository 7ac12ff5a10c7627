// A file that appears whole or not at all.
package io.lethe.weights;

import io.lethe.UserError;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Writes beside the target, forces to disk and moves into place.
 *
 * <p>Whoever has the old file open or mapped keeps the old content; a failure leaves the old file
 * as it was and nothing else behind.
 */
public final class AtomicFile {
  private AtomicFile() {}

  /** Writes the content of one file. */
  @FunctionalInterface
  public interface Content {
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Creates or replaces the target with this content.
   *
   * @throws UserError naming the file and the reason, such as a full disk
   */
  public static void write(Path target, Content content) {
    Path folder = target.toAbsolutePath().getParent();
    Path temporary = folder.resolve(".%s.%s.partial".formatted(target.getFileName(), token()));
    // After Ctrl-C nothing half written stays; a file that was moved in time is not there any more.
    temporary.toFile().deleteOnExit();
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failure) {
      deleteQuietly(temporary);
      throw Failure.writing(target, failure);
    } catch (RuntimeException | Error failure) {
      deleteQuietly(temporary);
      throw failure;
    }
    force(folder);
  }

  /** Eight hexadecimal digits that no other writer uses at this time. */
  static String token() {
    return UUID.randomUUID().toString().substring(0, 8);
  }

  /** Makes a rename inside the folder durable, where the system lets a folder be opened. */
  static void force(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException _) {
      // Some systems refuse; the file itself is on disk by now.
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException _) {
      // The first failure is the one to report.
    }
  }
}
