// How a long computation tells how far it is.
package io.lethe.diffusion;

/** Called from the computing thread, often; implementations must be quick. */
@FunctionalInterface
public interface ProgressListener {
  /**
   * @param stage what is being done, such as {@code drawing}; the same word for one bar
   * @param done units finished so far
   * @param total units of this stage, or a value below 1 where it is not known
   */
  void progress(String stage, long done, long total);

  /** A listener that hears nothing. */
  static ProgressListener silent() {
    return (stage, done, total) -> {};
  }
}
