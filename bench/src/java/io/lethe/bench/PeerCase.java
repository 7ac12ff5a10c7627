// One row of the comparison with PyTorch: which computation, on which extents, in which direction.
package io.lethe.bench;

import io.lethe.backend.AttentionShape;
import io.lethe.backend.ConvShape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * @param kind {@code gemm} (m, n, k), {@code conv} (n, height = width, channels, filters; 3x3, stride
 *     1, padding 1) or {@code attention} (n, heads, queries, keys, channels of a head)
 * @param backward the gradients of all inputs instead of the result
 */
record PeerCase(String kind, List<Integer> extents, boolean backward) {
  /** Every shape that is compared, forward and backward. */
  static List<PeerCase> all() {
    return List.of(
            of("gemm", 1152, 1152, 1152),
            of("gemm", 324, 4096, 2880),
            of("gemm", 648, 1024, 5760),
            of("gemm", 1284, 256, 11520),
            of("gemm", 4092, 320, 320),
            of("conv", 1, 64, 320, 320),
            of("conv", 1, 32, 640, 640),
            of("conv", 1, 16, 1280, 1280),
            of("conv", 16, 16, 64, 64),
            of("attention", 1, 8, 4096, 4096, 40),
            of("attention", 1, 8, 1024, 1024, 80),
            of("attention", 1, 8, 4096, 77, 40))
        .stream()
        .mapMulti(
            (PeerCase forward, java.util.function.Consumer<PeerCase> out) -> {
              out.accept(forward);
              out.accept(new PeerCase(forward.kind, forward.extents, true));
            })
        .toList();
  }

  private static PeerCase of(String kind, Integer... extents) {
    return new PeerCase(kind, Arrays.asList(extents), false);
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

  /** Floating-point operations of one call; attention's backward pass has five products, not two. */
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
