// The root of every error that Lethe raises on purpose.
package io.lethe;

/**
 * An error with a message made for a person: it names the file, tensor, shape or flag at fault and
 * what to do.
 *
 * <p>The command line prints the message as one line and exits with 2 for a {@link UserError}, with
 * 1 for any other.
 */
public class LetheException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public LetheException(String message) {
    super(message);
  }

  public LetheException(String message, Throwable cause) {
    super(message, cause);
  }
}
