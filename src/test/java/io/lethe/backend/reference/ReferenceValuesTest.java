// Holds the reference's forward passes against values worked out by hand or known to many digits.
package io.lethe.backend.reference;

import static io.lethe.backend.reference.Doubles.filled;
import static io.lethe.backend.reference.Doubles.nan;
import static io.lethe.backend.reference.Doubles.normal;
import static io.lethe.backend.reference.Doubles.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.LetheException;
import io.lethe.backend.Activation;
import io.lethe.backend.AttentionShape;
import io.lethe.backend.ConvShape;
import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Finite differences prove backward by forward; this proves forward. */
final class ReferenceValuesTest {
  private static final double EXACT = 1e-14;

  private static final double[] GELU = {
    -0.0040496940948902835, -0.15426876936299344, 0, 0.8413447460685429, 2.4844758366855597
  };
  private static final double[] SILU = {
    -0.14227761953270035, -0.18877033439907273, 0, 0.7310585786300049, 2.310354549946891
  };
  private static final double[] QUICK_GELU = {
    -0.018071309707785966, -0.1496115633936199, 0, 0.8457957659328212, 2.46501383495143
  };

  private final Reference reference = new Reference();

  @Test
  void matrixProductInAllFourLayouts() {
    double[] expected = {58 + 1, 64 + 2, 139 + 1, 154 + 2};
    double[] a = {1, 2, 3, 4, 5, 6};
    double[] aTransposed = {1, 4, 2, 5, 3, 6};
    double[] b = {7, 8, 9, 10, 11, 12};
    double[] bTransposed = {7, 9, 11, 8, 10, 12};
    Tensor bias = tensor(new double[] {1, 2}, 2);
    for (boolean ta : new boolean[] {false, true}) {
      for (boolean tb : new boolean[] {false, true}) {
        Tensor left = ta ? tensor(aTransposed, 3, 2) : tensor(a, 2, 3);
        Tensor right = tb ? tensor(bTransposed, 2, 3) : tensor(b, 3, 2);
        Tensor c = nan(2, 2);
        reference.gemm(ta, tb, 2, 2, 3, left, right, bias, c, false);
        assertArrayEquals(expected, c.doubles(), EXACT);
        reference.gemm(ta, tb, 2, 2, 3, left, right, null, c, true);
        assertArrayEquals(new double[] {117, 130, 279, 310}, c.doubles(), EXACT);
      }
    }
  }

  @Test
  void convolutionCorrelatesAndPadsWhereAsked() {
    // One channel, 2x3 picture 1..6, kernel [[1, 10], [100, 1000]], padded at the right and the
    // bottom.
    ConvShape s = new ConvShape(1, 2, 3, 1, 1, 2, 2, 1, 0, 0, 1, 1);
    Tensor x = tensor(new double[] {1, 2, 3, 4, 5, 6}, 1, 6, 1);
    Tensor w = tensor(new double[] {1, 10, 100, 1000}, 1, 1, 2, 2);
    Tensor y = nan(1, 6, 1);
    reference.conv2d(s, x, w, tensor(new double[] {0.5}, 1), y);
    assertArrayEquals(new double[] {5421.5, 6532.5, 603.5, 54.5, 65.5, 6.5}, y.doubles(), EXACT);
    // Stride 2 takes every second line and column of the same.
    ConvShape strided = new ConvShape(1, 2, 3, 1, 1, 2, 2, 2, 0, 0, 1, 1);
    Tensor few = nan(1, 2, 1);
    reference.conv2d(strided, x, w, null, few);
    assertArrayEquals(new double[] {5421, 603}, few.doubles(), EXACT);
  }

  @Test
  void convolutionReadsChannelsOfTheWeightInTheCheckpointsOrder() {
    ConvShape s = ConvShape.square(1, 1, 2, 2, 1, 1, 1, 0);
    Tensor y = nan(1, 2, 1);
    reference.conv2d(
        s,
        tensor(new double[] {1, 2, 3, 4}, 1, 2, 2),
        tensor(new double[] {10, 100}, 1, 2, 1, 1),
        null,
        y);
    assertArrayEquals(new double[] {210, 430}, y.doubles(), EXACT);
  }

  @Test
  void normalisedGroupsHaveMeanZeroAndVarianceOne() {
    Tensor x = normal(1, 2, 5, 6);
    Tensor y = nan(2, 5, 6);
    reference.groupNorm(2, 0, false, x, filled(1, 6), filled(0, 6), y, nan(2, 2), nan(2, 2));
    for (int sample = 0; sample < 2; sample++) {
      for (int group = 0; group < 2; group++) {
        double sum = 0;
        double squares = 0;
        for (int position = 0; position < 5; position++) {
          for (int c = 3 * group; c < 3 * group + 3; c++) {
            double value = y.doubles()[(sample * 5 + position) * 6 + c];
            sum += value;
            squares += value * value;
          }
        }
        assertEquals(0, sum / 15, EXACT);
        assertEquals(1, squares / 15, EXACT);
      }
    }
  }

  @Test
  void layerNormByHand() {
    // Row 1, 3: mean 2, variance 1, and eps 3 makes the deviation 2.
    Tensor y = nan(1, 2);
    Tensor mean = nan(1);
    Tensor rstd = nan(1);
    Tensor gamma = tensor(new double[] {4, 8}, 2);
    Tensor beta = tensor(new double[] {10, 20}, 2);
    reference.layerNorm(3, tensor(new double[] {1, 3}, 1, 2), gamma, beta, y, mean, rstd);
    assertArrayEquals(new double[] {8, 24}, y.doubles(), EXACT);
    assertEquals(2, mean.doubles()[0], EXACT);
    assertEquals(0.5, rstd.doubles()[0], EXACT);
  }

  @Test
  void attentionByHand() {
    // Scores 0 and ln 3 give the probabilities 1/4 and 3/4.
    AttentionShape s = new AttentionShape(1, 1, 1, 2, 1, 1f, false);
    Tensor q = tensor(new double[] {1}, 1, 1, 1);
    Tensor k = tensor(new double[] {0, Math.log(3)}, 1, 2, 1);
    Tensor v = tensor(new double[] {4, 8}, 1, 2, 1);
    Tensor out = nan(1, 1, 1);
    Tensor logSumExp = nan(1, 1, 1);
    reference.attention(s, q, k, v, out, logSumExp);
    assertEquals(7, out.doubles()[0], EXACT);
    assertEquals(Math.log(4), logSumExp.doubles()[0], EXACT);
    Tensor p = nan(1, 1, 1, 2);
    reference.attentionProbabilities(s, q, k, p);
    assertArrayEquals(new double[] {0.25, 0.75}, p.doubles(), EXACT);
  }

  @Test
  void headsStandSideBySideAndACausalQuerySeesNoLaterKey() {
    AttentionShape s = new AttentionShape(1, 2, 2, 2, 1, 1f, true);
    Tensor zero = filled(0, 1, 2, 2);
    Tensor v = tensor(new double[] {1, 10, 3, 30}, 1, 2, 2);
    Tensor out = nan(1, 2, 2);
    reference.attention(s, zero, filled(5, 1, 2, 2), v, out, nan(1, 2, 2));
    assertArrayEquals(new double[] {1, 10, 2, 20}, out.doubles(), EXACT);
  }

  @Test
  void largeScoresDoNotOverflow() {
    AttentionShape s = new AttentionShape(1, 1, 1, 2, 1, 1f, false);
    Tensor out = nan(1, 1, 1);
    reference.attention(
        s,
        tensor(new double[] {1000}, 1, 1, 1),
        tensor(new double[] {1, 2}, 1, 2, 1),
        tensor(new double[] {4, 8}, 1, 2, 1),
        out,
        nan(1, 1, 1));
    assertEquals(8, out.doubles()[0], EXACT);
  }

  /** Values of 50-digit arithmetic, rounded. */
  @Test
  void activations() {
    Tensor x = tensor(new double[] {-3, -0.5, 0, 1, 2.5}, 5);
    Tensor y = nan(5);
    reference.activation(Activation.GELU, x, y);
    assertArrayEquals(GELU, y.doubles(), 1e-15);
    reference.activation(Activation.SILU, x, y);
    assertArrayEquals(SILU, y.doubles(), 1e-15);
    reference.activation(Activation.QUICK_GELU, x, y);
    assertArrayEquals(QUICK_GELU, y.doubles(), 1e-15);
  }

  @Test
  void gegluTakesTheValueFirstAndTheGateSecond() {
    Tensor y = nan(1, 2);
    reference.geglu(tensor(new double[] {2, 3, 1, 2.5}, 1, 4), y);
    assertArrayEquals(new double[] {2 * GELU[3], 3 * GELU[4]}, y.doubles(), 1e-14);
  }

  @Test
  void lossesByHand() {
    Tensor x = tensor(new double[] {1, 2, 3, 4}, 2, 2);
    Tensor target = tensor(new double[] {0, 2, 3, 1}, 2, 2);
    assertEquals(2.5, reference.meanSquaredError(x, target, null), EXACT);
    assertEquals(4.75, reference.meanSquaredError(x, target, new double[] {1, 2}), EXACT);
    Tensor logits = tensor(new double[] {0, Math.log(3), Math.log(4), 0}, 2, 2);
    Tensor p = nan(2, 2);
    double loss = reference.crossEntropy(logits, new int[] {1, 1}, p);
    assertEquals((Math.log(4.0 / 3) + Math.log(5)) / 2, loss, EXACT);
    assertArrayEquals(new double[] {0.25, 0.75, 0.8, 0.2}, p.doubles(), EXACT);
    assertEquals(30, reference.sumOfSquares(x), EXACT);
  }

  @Test
  void mappedWeightsOfEachTypeWidenExactly() {
    // 1.5 and -0.25 in the four storage types, low byte first.
    byte[] half = {0x00, 0x3e, 0x00, (byte) 0xb4};
    byte[] brain = {(byte) 0xc0, 0x3f, (byte) 0x80, (byte) 0xbe};
    byte[] single = {0, 0, (byte) 0xc0, 0x3f, 0, 0, (byte) 0x80, (byte) 0xbe};
    byte[] full = {0, 0, 0, 0, 0, 0, (byte) 0xf8, 0x3f, 0, 0, 0, 0, 0, 0, (byte) 0xd0, (byte) 0xbf};
    assertArrayEquals(new double[] {-0.25, 1.5}, gathered(DType.F16, half));
    assertArrayEquals(new double[] {-0.25, 1.5}, gathered(DType.BF16, brain));
    assertArrayEquals(new double[] {-0.25, 1.5}, gathered(DType.F32, single));
    assertArrayEquals(new double[] {-0.25, 1.5}, gathered(DType.F64, full));
  }

  private double[] gathered(DType dtype, byte[] bytes) {
    Tensor table = Tensor.mapped("table", Shape.of(2, 1), dtype, MemorySegment.ofArray(bytes));
    Tensor out = nan(2, 1);
    reference.gatherRows(table, new int[] {1, 0}, out);
    return out.doubles();
  }

  @Test
  void errorsNameTheOperandAndItsShape() {
    Tensor wide = Tensor.of("wide", Shape.of(2, 4), new double[8]);
    Tensor out = Tensor.of("out", Shape.of(2, 2), new double[4]);
    String message =
        message(
            () -> reference.gemm(false, false, 2, 2, 3, wide, filled(0, 3, 2), null, out, false));
    assertTrue(message.contains("a 'wide' is [2, 4], not 2 rows of 3"), message);
    message = message(() -> reference.add(out, out, out.reshape(Shape.of(4))));
    assertTrue(message.contains("out 'out' shares memory with 'out'"), message);
    message = message(() -> reference.gatherRows(wide, new int[] {0, 2}, nan(2, 4)));
    assertTrue(message.contains("row 2 is outside table 'wide' [2, 4]"), message);
    message =
        message(() ->
            reference.groupNorm(
                3, 0, false, wide, filled(1, 4), filled(0, 4), nan(2, 4), nan(2, 3), nan(2, 3)));
    assertTrue(message.contains("3 groups do not divide the 4 channels of x [2, 4]"), message);
    message = message(() -> reference.crossEntropy(wide, new int[] {0, 4}, nan(2, 4)));
    assertTrue(message.contains("target 4 is none of the 4 columns"), message);
    message = message(() -> reference.copy(wide, 5, out, 0, 4));
    assertTrue(message.contains("out of range"), message);
    message = message(() -> reference.sumOfSquares(Tensor.of("single", Shape.of(2), new float[2])));
    assertTrue(message.contains("single"), message);
  }

  private static String message(Executable call) {
    return assertThrows(LetheException.class, call).getMessage();
  }
}
