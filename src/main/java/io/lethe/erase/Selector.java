// Which parameters of the UNet an eraser trains.
package io.lethe.erase;

import io.lethe.UserError;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The parameter groups of the erasure papers, by checkpoint name (specs: 0.3 and 1; Gandikota et
 * al. 2023).
 *
 * <p>The {@code NOXATTN} group is the published ESD-u of 2023 (all but cross-attention, output
 * block and time embedding, norms included); {@code U} is the later one, linear and convolution
 * layers without cross-attention.
 */
public enum Selector {
  /** All four projections of every cross-attention: 5 % of Stable Diffusion 1.x. */
  X("x"),
  /** Keys and values of every cross-attention. */
  X_STRICT("x-strict"),
  /** Every linear and convolution layer outside cross-attention. */
  U("u"),
  /** Everything. */
  ALL("all"),
  /** All but cross-attention, output block and time embedding: ESD-u as first published. */
  NOXATTN("noxattn"),
  /** Every self-attention. */
  SELFATTN("selfattn");

  private final String label;

  Selector(String label) {
    this.label = label;
  }

  /** The selector of this name. @throws UserError listing the known ones */
  public static Selector named(String name) {
    for (Selector selector : values()) {
      if (selector.label.equals(name.toLowerCase(Locale.ROOT))) {
        return selector;
      }
    }
    throw new UserError(
        "there is no parameter group '"
            + name
            + "'; known: "
            + Arrays.stream(values()).map(Selector::label).collect(Collectors.joining(", ")));
  }

  public String label() {
    return label;
  }

  /** Whether the parameter of this checkpoint name is trained. */
  public Predicate<String> predicate() {
    return switch (this) {
      case X -> name -> name.contains(".attn2.");
      case X_STRICT -> name -> name.contains(".attn2.to_k.") || name.contains(".attn2.to_v.");
      case U -> name -> !name.contains(".attn2.") && !isNorm(name);
      case ALL -> name -> true;
      case NOXATTN ->
          name ->
              !name.contains(".attn2.")
                  && !name.startsWith("conv_norm_out.")
                  && !name.startsWith("conv_out.")
                  && !name.startsWith("time_embedding.");
      case SELFATTN -> name -> name.contains(".attn1.");
    };
  }

  private static boolean isNorm(String name) {
    return name.contains(".norm") || name.startsWith("conv_norm_out.");
  }
}
