// The table of operator cases: every operator, each of its forms, on odd sizes.
package io.lethe.autograd.ops;

import static io.lethe.autograd.ops.OperatorCase.of;

import io.lethe.backend.Activation;
import io.lethe.backend.AttentionShape;
import io.lethe.backend.ConvShape;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

final class OperatorCases {
  private static final double EPS = 1e-5;

  private OperatorCases() {}

  static List<OperatorCase> all() {
    List<OperatorCase> cases = new ArrayList<>();
    pointwise(cases);
    sums(cases);
    products(cases);
    attention(cases);
    normalisation(cases);
    movement(cases);
    losses(cases);
    return cases;
  }

  private static Shape shape(long... extents) {
    return Shape.of(extents);
  }

  private static void pointwise(List<OperatorCase> cases) {
    for (Activation kind : Activation.values()) {
      cases.add(
          of(
              Activate.class,
              kind.name(),
              (tape, in) -> Activate.apply(tape, kind, in[0]),
              shape(3, 7)));
    }
    cases.add(of(Geglu.class, "3x5", (tape, in) -> Geglu.apply(tape, in[0]), shape(3, 10)));
    cases.add(
        of(Scale.class, "by -1.7", (tape, in) -> Scale.apply(tape, -1.7, in[0]), shape(2, 3, 5)));
    cases.add(
        of(
            ScaleByExp.class,
            "scalar of rank 0",
            (tape, in) -> ScaleByExp.apply(tape, in[0], in[1]),
            shape(3, 5),
            shape()));
  }

  private static void sums(List<OperatorCase> cases) {
    cases.add(
        of(
            Add.class,
            "two values",
            (tape, in) -> Add.apply(tape, in[0], in[1]),
            shape(3, 5),
            shape(3, 5)));
    cases.add(
        of(
            Add.class,
            "of a value to itself",
            (tape, in) -> Add.apply(tape, in[0], in[0]),
            shape(7)));
    cases.add(
        of(
            AddPerPosition.class,
            "3 samples",
            (tape, in) -> AddPerPosition.apply(tape, in[0], in[1]),
            shape(3, 5, 7),
            shape(5, 7)));
    cases.add(
        of(
            AddPerSample.class,
            "3 samples",
            (tape, in) -> AddPerSample.apply(tape, in[0], in[1]),
            shape(3, 5, 7),
            shape(3, 7)));
  }

  private static void products(List<OperatorCase> cases) {
    cases.add(
        of(
            Linear.class,
            "with bias",
            (tape, in) -> Linear.apply(tape, in[0], in[1], in[2]),
            shape(2, 3, 5),
            shape(7, 5),
            shape(7)));
    cases.add(
        of(
            Linear.class,
            "without bias",
            (tape, in) -> Linear.apply(tape, in[0], in[1], null),
            shape(3, 5),
            shape(9, 5)));
    cases.add(
        of(
            MatrixProduct.class,
            "3x5x7",
            (tape, in) -> MatrixProduct.apply(tape, in[0], in[1]),
            shape(3, 7),
            shape(5, 7)));
    cases.add(
        of(
            MatrixProduct.class,
            "of a value with itself",
            (tape, in) -> MatrixProduct.apply(tape, in[0], in[0]),
            shape(3, 5)));
    convolution(cases, "3x3", ConvShape.square(2, 5, 7, 3, 5, 3, 1, 1), true);
    convolution(cases, "stride 2", ConvShape.square(1, 7, 5, 3, 2, 3, 2, 1), true);
    convolution(cases, "patches, no bias", ConvShape.square(2, 6, 9, 3, 5, 3, 3, 0), false);
    convolution(
        cases, "padded right and below", new ConvShape(1, 7, 5, 2, 3, 3, 3, 2, 0, 0, 1, 1), true);
  }

  private static void convolution(
      List<OperatorCase> cases, String what, ConvShape s, boolean biased) {
    List<Shape> shapes = new ArrayList<>();
    shapes.add(shape(s.n(), (long) s.height() * s.width(), s.channels()));
    shapes.add(shape(s.filters(), s.channels(), s.kernelHeight(), s.kernelWidth()));
    if (biased) {
      shapes.add(shape(s.filters()));
    }
    cases.add(
        new OperatorCase(
            Conv2d.class,
            what,
            shapes,
            (tape, in) -> Conv2d.apply(tape, s, in[0], in[1], biased ? in[2] : null)));
  }

  private static void attention(List<OperatorCase> cases) {
    for (AttentionShape s :
        List.of(AttentionShape.of(2, 3, 5, 7, 5), new AttentionShape(1, 2, 5, 5, 3, 0.7f, true))) {
      Shape queries = shape(s.n(), s.queries(), s.width());
      Shape keys = shape(s.n(), s.keys(), s.width());
      cases.add(
          of(
              Attention.class,
              s.descriptor(),
              (tape, in) -> Attention.apply(tape, s, in[0], in[1], in[2]),
              queries,
              keys,
              keys));
      cases.add(
          of(
              AttentionProbabilities.class,
              s.descriptor(),
              (tape, in) -> AttentionProbabilities.apply(tape, s, in[0], in[1]),
              queries,
              keys));
    }
    AttentionShape self = AttentionShape.of(1, 1, 3, 3, 5);
    cases.add(
        of(
            Attention.class,
            "of a value to itself",
            (tape, in) -> Attention.apply(tape, self, in[0], in[0], in[0]),
            shape(1, 3, 5)));
  }

  private static void normalisation(List<OperatorCase> cases) {
    for (boolean silu : new boolean[] {false, true}) {
      cases.add(
          of(
              GroupNorm.class,
              silu ? "with SiLU" : "alone",
              (tape, in) -> GroupNorm.apply(tape, 3, EPS, silu, in[0], in[1], in[2]),
              shape(2, 5, 9),
              shape(9),
              shape(9)));
    }
    cases.add(
        of(
            LayerNorm.class,
            "rows of 7",
            (tape, in) -> LayerNorm.apply(tape, EPS, in[0], in[1], in[2]),
            shape(2, 3, 7),
            shape(7),
            shape(7)));
    cases.add(
        of(
            NormalizeRows.class,
            "rows of 5",
            (tape, in) -> NormalizeRows.apply(tape, in[0]),
            shape(3, 5)));
  }

  private static void movement(List<OperatorCase> cases) {
    cases.add(
        of(
            ConcatChannels.class,
            "3 and 5",
            (tape, in) -> ConcatChannels.apply(tape, in[0], in[1]),
            shape(2, 7, 3),
            shape(2, 7, 5)));
    cases.add(
        of(
            ConcatChannels.class,
            "of a value with itself",
            (tape, in) -> ConcatChannels.apply(tape, in[0], in[0]),
            shape(1, 3, 5)));
    cases.add(
        of(
            FirstChannels.class,
            "3 of 5",
            (tape, in) -> FirstChannels.apply(tape, in[0], 3),
            shape(2, 3, 5)));
    cases.add(
        of(
            FirstChannels.class,
            "all",
            (tape, in) -> FirstChannels.apply(tape, in[0], 3),
            shape(2, 3)));
    cases.add(
        of(
            Embedding.class,
            "ids again and unused",
            (tape, in) -> Embedding.apply(tape, in[0], 2, new int[] {6, 0, 0, 3, 6, 0}),
            shape(7, 5)));
    cases.add(
        of(
            PickPositions.class,
            "one each",
            (tape, in) -> PickPositions.apply(tape, in[0], new int[] {4, 0, 2}),
            shape(3, 5, 7)));
    cases.add(
        of(
            PrependToken.class,
            "before 5 of 3 samples",
            (tape, in) -> PrependToken.apply(tape, in[0], in[1]),
            shape(7),
            shape(3, 5, 7)));
    cases.add(
        of(
            PrependToken.class,
            "2 before 4 of 3 samples",
            (tape, in) -> PrependToken.apply(tape, in[0], in[1]),
            shape(2, 7),
            shape(3, 4, 7)));
    cases.add(
        of(
            DropTokens.class,
            "2 of 5",
            (tape, in) -> DropTokens.apply(tape, in[0], 2),
            shape(3, 5, 7)));
    cases.add(
        of(
            UpsampleNearest.class,
            "3x5",
            (tape, in) -> UpsampleNearest.apply(tape, 3, 5, in[0]),
            shape(2, 15, 3)));
  }

  private static void losses(List<OperatorCase> cases) {
    Tensor target = OperatorCase.tensor("target", shape(3, 5, 2));
    cases.add(
        of(
            MeanSquaredError.class,
            "unweighted",
            (tape, in) -> MeanSquaredError.apply(tape, in[0], target, null),
            target.shape()));
    cases.add(
        of(
            MeanSquaredError.class,
            "weighted, one negative",
            (tape, in) -> MeanSquaredError.apply(tape, in[0], target, new double[] {0.3, -2, 172}),
            target.shape()));
    cases.add(
        of(
            CrossEntropy.class,
            "3 rows",
            (tape, in) -> CrossEntropy.apply(tape, in[0], new int[] {6, 0, 6}),
            shape(3, 7)));
  }
}
