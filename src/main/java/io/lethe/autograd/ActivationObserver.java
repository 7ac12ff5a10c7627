// Sees named activations as they are made.
package io.lethe.autograd;

/**
 * Called with the checkpoint path of a block ({@code down_blocks.0.attentions.1}) and its output
 * {@code [n, p, c]}.
 */
@FunctionalInterface
public interface ActivationObserver {
  void observe(String path, Value output);
}
