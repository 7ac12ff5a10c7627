// The folder beside the result in which a run works until it is finished.
package io.lethe.api;

import io.lethe.UserError;
import io.lethe.weights.Printable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * {@code OUT.unfinished}: holds the lock that keeps a second run out, the checkpoint for resuming,
 * and the model while it is written. Only a finished model is moved to {@code OUT}.
 */
final class UnfinishedRun implements AutoCloseable {
  private final Path out;
  private final Path folder;
  private final FileChannel channel;
  private boolean keep;

  private UnfinishedRun(Path out, Path folder, FileChannel channel) {
    this.out = out;
    this.folder = folder;
    this.channel = channel;
  }

  /**
   * Claims the place. @throws UserError when another run has it, or one was left there and is not
   * to be resumed
   */
  static UnfinishedRun claim(Path out, boolean resume) {
    Path folder = folderFor(out);
    try {
      Path parent = folder.toAbsolutePath().getParent();
      Files.createDirectories(parent);
      boolean left = !create(folder);
      FileChannel channel =
          FileChannel.open(
              folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!lock(channel)) {
        channel.close();
        throw new UserError(
            "another run is writing to "
                + Printable.quote(out.toString())
                + "; name another folder");
      }
      if (left && !resume) {
        channel.close();
        throw new UserError(
            "an unfinished run stands in "
                + Printable.quote(folder.toString())
                + ": resume it (--resume), or remove that folder");
      }
      deleteTree(folder.resolve("model"));
      return new UnfinishedRun(out, folder, channel);
    } catch (IOException failure) {
      throw new UserError(
          "cannot work in " + Printable.quote(folder.toString()) + ": " + failure.getMessage(),
          failure);
    }
  }

  static Path folderFor(Path out) {
    return out.resolveSibling(out.getFileName() + ".unfinished");
  }

  private static boolean create(Path folder) throws IOException {
    try {
      Files.createDirectory(folder);
      return true;
    } catch (FileAlreadyExistsException there) {
      return false;
    }
  }

  private static boolean lock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException ours) {
      return false;
    }
  }

  Path checkpoint() {
    return folder.resolve("checkpoint.safetensors");
  }

  /** Where the model is put together. */
  Path model() {
    return folder.resolve("model");
  }

  /** Leaves the folder for a later resume. */
  void keep() {
    keep = true;
  }

  /** Moves the finished model to its place, in one step. */
  void finish() {
    try {
      Files.move(model(), out, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failure) {
      throw new UserError(
          "cannot move the finished model to "
              + Printable.quote(out.toString())
              + ": "
              + failure.getMessage(),
          failure);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
      if (!keep) {
        deleteTree(folder);
      }
    } catch (IOException failure) {
      throw new UserError(
          "cannot tidy " + Printable.quote(folder.toString()) + ": " + failure.getMessage(),
          failure);
    }
  }

  private static void deleteTree(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, IOException failure)
              throws IOException {
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
