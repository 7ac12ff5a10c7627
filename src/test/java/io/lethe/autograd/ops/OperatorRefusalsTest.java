// Operators broadcast nothing: operands that do not fit are refused, with their shapes.
package io.lethe.autograd.ops;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.LetheException;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.backend.AttentionShape;
import io.lethe.backend.Backend;
import io.lethe.backend.ConvShape;
import io.lethe.backend.cpu.Cpu;
import io.lethe.backend.reference.Reference;
import io.lethe.tensor.Scope;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The reference and the CPU refuse alike. */
final class OperatorRefusalsTest {
  /**
   * A wrong call.
   *
   * @param says what the message must hold
   */
  record Refusal(String what, String says, Function<Call, Value> call) {
    @Override
    public String toString() {
      return what;
    }
  }

  /** What a wrong call is made with: a tape, and constants of zeros. */
  record Call(Tape tape) {
    Value zeros(long... extents) {
      return Value.constant(tape.zeros("given", Shape.of(extents)));
    }

    Tensor tensor(long... extents) {
      return zeros(extents).data();
    }
  }

  private static Refusal of(String what, String says, Function<Call, Value> call) {
    return new Refusal(what, says, call);
  }

  private static final AttentionShape HEADS = AttentionShape.of(1, 2, 3, 5, 4);
  private static final ConvShape PICTURE = ConvShape.square(1, 5, 5, 3, 2, 3, 1, 1);

  static List<Refusal> refusals() {
    return List.of(
        of(
            "Add of a row to a matrix",
            "given[3]",
            c -> Add.apply(c.tape(), c.zeros(2, 3), c.zeros(3))),
        of(
            "AddPerPosition with a shorter table",
            "given[4, 3]",
            c -> AddPerPosition.apply(c.tape(), c.zeros(2, 5, 3), c.zeros(4, 3))),
        of(
            "AddPerSample with one vector for two samples",
            "given[1, 3]",
            c -> AddPerSample.apply(c.tape(), c.zeros(2, 5, 3), c.zeros(1, 3))),
        of(
            "Linear with a narrower weight",
            "given[7, 4]",
            c -> Linear.apply(c.tape(), c.zeros(2, 5), c.zeros(7, 4), null)),
        of(
            "Linear with a weight of rank 4",
            "given[7, 5, 1, 1]",
            c -> Linear.apply(c.tape(), c.zeros(2, 5), c.zeros(7, 5, 1, 1), null)),
        of(
            "Linear with a shorter bias",
            "given",
            c -> Linear.apply(c.tape(), c.zeros(2, 5), c.zeros(7, 5), c.zeros(6))),
        of(
            "MatrixProduct of different widths",
            "given[3, 4]",
            c -> MatrixProduct.apply(c.tape(), c.zeros(2, 5), c.zeros(3, 4))),
        of(
            "Conv2d with other channels",
            "given[1, 25, 2]",
            c -> Conv2d.apply(c.tape(), PICTURE, c.zeros(1, 25, 2), c.zeros(2, 3, 3, 3), null)),
        of(
            "Conv2d with a smaller kernel",
            "given[2, 3, 1, 1]",
            c -> Conv2d.apply(c.tape(), PICTURE, c.zeros(1, 25, 3), c.zeros(2, 3, 1, 1), null)),
        of(
            "Conv2d with a longer bias",
            "given",
            c ->
                Conv2d.apply(
                    c.tape(), PICTURE, c.zeros(1, 25, 3), c.zeros(2, 3, 3, 3), c.zeros(3))),
        of(
            "Attention with values shorter than keys",
            "given[1, 4, 8]",
            c ->
                Attention.apply(
                    c.tape(), HEADS, c.zeros(1, 3, 8), c.zeros(1, 5, 8), c.zeros(1, 4, 8))),
        of(
            "AttentionProbabilities with narrower keys",
            "given[1, 5, 7]",
            c -> AttentionProbabilities.apply(c.tape(), HEADS, c.zeros(1, 3, 8), c.zeros(1, 5, 7))),
        of(
            "GroupNorm of channels that do not divide",
            "10 channels",
            c ->
                GroupNorm.apply(
                    c.tape(), 3, 1e-5, true, c.zeros(1, 4, 10), c.zeros(10), c.zeros(10))),
        of(
            "GroupNorm with another gamma",
            "given[8]",
            c ->
                GroupNorm.apply(c.tape(), 3, 1e-5, true, c.zeros(1, 4, 9), c.zeros(8), c.zeros(9))),
        of(
            "LayerNorm with another beta",
            "given[4]",
            c -> LayerNorm.apply(c.tape(), 1e-5, c.zeros(2, 3), c.zeros(3), c.zeros(4))),
        of("Geglu of an odd width", "[2, 5]", c -> Geglu.apply(c.tape(), c.zeros(2, 5))),
        of(
            "ScaleByExp by two numbers",
            "given[2]",
            c -> ScaleByExp.apply(c.tape(), c.zeros(3, 5), c.zeros(2))),
        of(
            "ConcatChannels of other positions",
            "given[1, 5, 3]",
            c -> ConcatChannels.apply(c.tape(), c.zeros(1, 4, 3), c.zeros(1, 5, 3))),
        of(
            "FirstChannels of more than there are",
            "given[2, 3]",
            c -> FirstChannels.apply(c.tape(), c.zeros(2, 3), 4)),
        of(
            "Embedding of an id outside the table",
            "token id 7",
            c -> Embedding.apply(c.tape(), c.zeros(7, 3), 1, new int[] {0, 7})),
        of(
            "Embedding of rows that are not equally long",
            "3 token ids are not 2 equal rows",
            c -> Embedding.apply(c.tape(), c.zeros(7, 3), 2, new int[] {0, 1, 2})),
        of(
            "PickPositions behind the end of a sequence",
            "given[2, 3, 5]",
            c -> PickPositions.apply(c.tape(), c.zeros(2, 3, 5), new int[] {3, 0})),
        of(
            "PickPositions of one sample of two",
            "given[2, 3, 5]",
            c -> PickPositions.apply(c.tape(), c.zeros(2, 3, 5), new int[] {0})),
        of(
            "PrependToken of another width",
            "given[4]",
            c -> PrependToken.apply(c.tape(), c.zeros(4), c.zeros(2, 3, 5))),
        of(
            "DropTokens of all there are",
            "given[2, 3, 5]",
            c -> DropTokens.apply(c.tape(), c.zeros(2, 3, 5), 3)),
        of(
            "UpsampleNearest of another grid",
            "given[1, 12, 3]",
            c -> UpsampleNearest.apply(c.tape(), 3, 5, c.zeros(1, 12, 3))),
        of(
            "MeanSquaredError against another shape",
            "given[2, 4]",
            c -> MeanSquaredError.apply(c.tape(), c.zeros(2, 3), c.tensor(2, 4), null)),
        of(
            "MeanSquaredError with one weight for two samples",
            "given[2, 3]",
            c -> MeanSquaredError.apply(c.tape(), c.zeros(2, 3), c.tensor(2, 3), new double[] {1})),
        of(
            "CrossEntropy with too few targets",
            "given[2, 3]",
            c -> CrossEntropy.apply(c.tape(), c.zeros(2, 3), new int[] {1})),
        of(
            "CrossEntropy with a target outside the row",
            "3",
            c -> CrossEntropy.apply(c.tape(), c.zeros(2, 3), new int[] {1, 3})));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void onTheReference(Refusal refusal) {
    refuses(refusal, new Reference());
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void onTheCpu(Refusal refusal) {
    try (Cpu cpu = new Cpu(1)) {
      refuses(refusal, cpu);
    }
  }

  private static void refuses(Refusal refusal, Backend backend) {
    try (Scope scope = Scope.root("test", backend.computeType())) {
      Call call = new Call(Tape.noGrad(backend, scope));
      String message =
          assertThrows(LetheException.class, () -> refusal.call().apply(call)).getMessage();
      assertTrue(message.contains(refusal.says()), message);
    }
  }
}
