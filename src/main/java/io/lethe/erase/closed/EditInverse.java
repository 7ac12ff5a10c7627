// Takes an edit back, where that is possible without the base.
package io.lethe.erase.closed;

import io.lethe.UserError;
import io.lethe.erase.dense.Products;
import io.lethe.tensor.DType;
import java.util.Locale;

/**
 * {@code W = W' (I + M)^-1}. Rounding of the stored W', which is equal in all directions, grows by
 * {@code ||(I + M)^-1||_F / sqrt(width)}. Where it would reach a percent of the weights, or I + M
 * is singular, the base is needed.
 */
public final class EditInverse {
  private static final double LARGEST_ERROR = 0.01;

  private EditInverse() {}

  /**
   * The edit that undoes another one.
   *
   * @param name of what is taken back, for the message
   * @throws UserError if it cannot be taken back
   */
  public static CrossAttentionEdit of(
      CrossAttentionEdit edit, Projections projections, String name) {
    Products products = projections.products();
    CrossAttentionEdit inverse =
        edit.inverse(products)
            .orElseThrow(() ->
                new UserError(
                    name + " cannot be taken back: I + M is singular; the base is needed"));
    DType stored = projections.list().getFirst().weight().dtype();
    double error = 0;
    for (RightFactor factor : inverse.distinct()) {
      // ||I + N||_F^2 = d + 2 tr N + ||N||_F^2
      double norm = factor.norm(products);
      double squares = factor.width() + 2 * factor.left().dot(factor.right()) + norm * norm;
      double growth = Math.sqrt(Math.max(1, squares / factor.width()));
      error = Math.max(error, growth * unitRoundoff(stored));
    }
    if (!(error <= LARGEST_ERROR)) {
      throw new UserError(
          String.format(
              Locale.ROOT,
              "%s cannot be taken back from weights in %s: I + M is so near to singular that"
                  + " rounding would grow to %.1e of the weights; the base is needed",
              name,
              stored,
              error));
    }
    return inverse;
  }

  private static double unitRoundoff(DType type) {
    return switch (type) {
      case F16 -> 0x1p-11;
      case BF16 -> 0x1p-8;
      case F32 -> 0x1p-24;
      default -> 0x1p-53;
    };
  }
}
