// An eraser: a name, a paper, and a way from a model to an edited one.
package io.lethe.erase;

import java.util.Map;

/**
 * Found through {@link java.util.ServiceLoader}, so that a jar can bring its own: a public class
 * with a public constructor without parameters, named in the jar's {@code
 * META-INF/services/io.lethe.erase.ErasureMethod}.
 */
public interface ErasureMethod {
  /** The word on the command line, such as {@code eap}. */
  String name();

  /** Authors, title and year. */
  String paper();

  /** What it costs, without doing it. */
  long estimatePasses(ErasureRun run);

  /** Erases. The base model is not changed. */
  ErasedModel erase(ErasureRun run);

  /**
   * This method as the user wants it; only asked of methods that a jar brings. Whatever option is
   * not asked for here is refused.
   *
   * @param options given as {@code --set NAME=VALUE}
   */
  default ErasureMethod configured(MethodOptions options) {
    return this;
  }

  /**
   * Every setting that decides the result, for metrics.json and to tell an interrupted run from one
   * of other settings.
   */
  default Map<String, Object> settings() {
    return Map.of();
  }
}
