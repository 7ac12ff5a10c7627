// An eraser: a name, a paper, and a way from a model to an edited one.
package io.lethe.erase;

/** Found through {@link java.util.ServiceLoader}, so that a jar can bring its own. */
public interface ErasureMethod {
  /** The word on the command line, such as {@code eap}. */
  String name();

  /** Authors, title and year. */
  String paper();

  /** What it costs, without doing it. */
  long estimatePasses(ErasureRun run);

  /** Erases. The base model is not changed. */
  ErasedModel erase(ErasureRun run);
}
