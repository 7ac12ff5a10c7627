// One row of the comparison with PyTorch: which computation, on which extents, in which direction.
package io.lethe.bench;

import io.lethe.backend.AttentionShape;
import io.lethe.backend.ConvShape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * @param kind {@code gemm} (m, n, k), {@code conv} (n, height = width, channels, filters; 3x3,
 *     stride 1, padding 1) or {@code attention} (n, heads, queries, keys, channels of a head)
 * @param backward the gradients of all inputs instead of the result
 */
record PeerCase(String kind, List<Integer> extents, boolean backward) {
  static final String GEMM_1152 = "gemm 1152 1152 1152";
  static final String GEMM_324 = "gemm 324 4096 2880";
  static final String GEMM_648 = "gemm 648 1024 5760";
  static final String GEMM_1284 = "gemm 1284 256 11520";
  static final String GEMM_4092 = "gemm 4092 320 320";
  static final String CONV_64 = "conv 1 64 320 320";
  static final String CONV_32 = "conv 1 32 640 640";
  static final String CONV_16 = "conv 1 16 1280 1280";
  static final String CONV_BATCH = "conv 16 16 64 64";
  private static final String ATTENTION_40 = "attention 1 8 4096 4096 40";
  private static final String ATTENTION_80 = "attention 1 8 1024 1024 80";
  private static final String ATTENTION_CROSS = "attention 1 8 4096 77 40";

  private static final List<String> SHAPES =
      List.of(
          GEMM_1152,
          GEMM_324,
          GEMM_648,
          GEMM_1284,
          GEMM_4092,
          CONV_64,
          CONV_32,
          CONV_16,
          CONV_BATCH,
          ATTENTION_40,
          ATTENTION_80,
          ATTENTION_CROSS);

  /** Every shape that is compared, forward and backward. */
  static List<PeerCase> all() {
    return SHAPES.stream().flatMap(shape -> Stream.of(of(shape, false), of(shape, true))).toList();
  }

  /** The case of a shape as it is written above. */
  static PeerCase of(String shape, boolean backward) {
    String[] words = shape.split(" ", -1);
    List<Integer> extents = Arrays.stream(words).skip(1).map(Integer::valueOf).toList();
    return new PeerCase(words[0], extents, backward);
  }

  int extent(int index) {
    return extents.get(index);
  }

  ConvShape conv() {
    return ConvShape.square(extent(0), extent(1), extent(1), extent(2), extent(3), 3, 1, 1);
  }

  AttentionShape attention() {
    return AttentionShape.of(extent(0), extent(1), extent(2), extent(3), extent(4));
  }

  /**
   * Floating-point operations of one call; attention's backward pass has five products, not two.
   */
  double flops() {
    return switch (kind) {
      case "gemm" -> (backward ? 4.0 : 2.0) * extent(0) * extent(1) * extent(2);
      case "conv" -> (backward ? 2.0 : 1.0) * conv().flops();
      default -> (backward ? 2.5 : 1.0) * attention().flops();
    };
  }

  /** Such as {@code conv 1 64 320 320 backward}: also what the peer is told. */
  @Override
  public String toString() {
    return kind
        + extents.stream().map(extent -> " " + extent).collect(Collectors.joining())
        + (backward ? " backward" : " forward");
  }
}
