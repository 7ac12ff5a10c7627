// What went wrong with a file, in words for a person.
package io.lethe.weights;

import io.lethe.UserError;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** Turns the exceptions of file access, whose messages are often a bare path, into reasons. */
final class Failure {
  private Failure() {}

  static UserError reading(Path file, IOException failure) {
    return new UserError(
        "cannot read " + Printable.quote(file.toString()) + ": " + reason(failure), failure);
  }

  static UserError writing(Path file, IOException failure) {
    return new UserError(
        "cannot write " + Printable.quote(file.toString()) + ": " + reason(failure), failure);
  }

  static String reason(IOException failure) {
    return switch (failure) {
      case NoSuchFileException _ -> "no such file or folder";
      case AccessDeniedException _ -> "permission denied";
      case FileAlreadyExistsException _ -> "it exists already";
      case NotDirectoryException _ -> "not a folder";
      case FileSystemLoopException _ -> "symbolic links form a loop";
      case ClosedByInterruptException _ -> "interrupted";
      case FileSystemException e when e.getReason() != null -> e.getReason();
      default ->
          failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    };
  }
}
