// A folder that appears whole or not at all.
package io.lethe.weights;

import io.lethe.UserError;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * A working folder {@code NAME.partial-XXXXXXXX} beside its target: filled, then moved into place
 * by {@link #commit}, or removed by {@link #close}, or at the end of the program, if that never
 * happened.
 */
public final class StagedFolder implements AutoCloseable {
  private final Path target;
  private final Path path;
  private final Thread removalAtExit;
  private boolean committed;

  private StagedFolder(Path target, Path path) {
    this.target = target;
    this.path = path;
    this.removalAtExit = new Thread(() -> removeAtExit(path));
  }

  /**
   * Makes the working folder, and the parents of the target where they are missing.
   *
   * @throws UserError if the target exists, or the place cannot be written
   */
  public static StagedFolder create(Path target) {
    Path absolute = target.toAbsolutePath().normalize();
    if (absolute.getFileName() == null || Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)) {
      throw exists(target);
    }
    Path path =
        absolute.resolveSibling(
            "%s.partial-%s".formatted(absolute.getFileName(), AtomicFile.token()));
    try {
      Files.createDirectories(absolute.getParent());
      Files.createDirectory(path);
    } catch (IOException failure) {
      throw new UserError(
          "cannot make the folder "
              + Printable.quote(target.toString())
              + ": "
              + Failure.reason(failure),
          failure);
    }
    StagedFolder staged = new StagedFolder(absolute, path);
    Runtime.getRuntime().addShutdownHook(staged.removalAtExit);
    return staged;
  }

  /** The working folder. */
  public Path path() {
    return path;
  }

  /**
   * Moves the folder to its target.
   *
   * @throws UserError if something has come to stand there in the meantime
   */
  public void commit() {
    try {
      // An atomic move would replace an empty folder that another run has just made.
      if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
        throw exists(target);
      }
      AtomicFile.force(path);
      Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
      committed = true;
      AtomicFile.force(target.getParent());
    } catch (DirectoryNotEmptyException _) {
      throw exists(target);
    } catch (IOException failure) {
      throw new UserError(
          "cannot move the finished folder to "
              + Printable.quote(target.toString())
              + ": "
              + Failure.reason(failure),
          failure);
    }
  }

  /** Removes the working folder and all in it, unless it was committed. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(removalAtExit);
    } catch (IllegalStateException _) {
      return; // the program is ending, and the hook is at work
    }
    if (committed) {
      return;
    }
    try {
      Files.walkFileTree(path, new Removal());
    } catch (IOException failure) {
      throw new UserError(
          "cannot remove the unfinished folder "
              + Printable.quote(path.toString())
              + ": "
              + Failure.reason(failure),
          failure);
    }
  }

  /** After Ctrl-C the writer may still be adding files; a second look finds them. */
  private static void removeAtExit(Path path) {
    for (int attempt = 0; attempt < 5 && Files.exists(path); attempt++) {
      try {
        Files.walkFileTree(path, new Removal());
      } catch (IOException _) {
        // Looked at again, and if it stays, its name says that it is unfinished.
      }
    }
  }

  private static UserError exists(Path target) {
    return new UserError(
        Printable.quote(target.toString())
            + " exists already; name another folder, or remove this one first");
  }

  private static final class Removal extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.delete(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, IOException failure) throws IOException {
      if (failure != null) {
        throw failure;
      }
      Files.delete(folder);
      return FileVisitResult.CONTINUE;
    }
  }
}
