// A mistake that the user can mend: a missing file, a wrong flag, a hostile checkpoint.
package io.lethe;

/** Raised for what the user gave us; the command line exits with 2. */
public class UserError extends LetheException {
  private static final long serialVersionUID = 1L;

  public UserError(String message) {
    super(message);
  }

  public UserError(String message, Throwable cause) {
    super(message, cause);
  }
}
