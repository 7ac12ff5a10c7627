// Adam on white coordinates: what whitening means, and that the step is Adam's own in them.
package io.lethe.nn.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.LetheException;
import io.lethe.backend.cpu.Cpu;
import io.lethe.nn.Parameter;
import io.lethe.nn.ParameterStore;
import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.weights.TensorView;
import io.lethe.weightstools.SyntheticWeights;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WhitenedAdamTest {
  private static final int D = 7;
  private static final int ROWS = 5;
  private static final double RIDGE = 1e-6;

  /** Rows that lie mostly along one direction, as text does. */
  private static float[] inputs() {
    float[] rows = SyntheticWeights.signal("inputs", 40, D);
    for (int i = 0; i < rows.length; i++) {
      rows[i] += i % D == 2 ? 6 : 0;
    }
    return rows;
  }

  private static Parameter parameter(String name, long... extents) {
    Shape shape = Shape.of(extents);
    float[] start = SyntheticWeights.signal(name, extents);
    ParameterStore store =
        new ParameterStore(
            DType.F32,
            (asked, expected) ->
                new TensorView(
                    asked, DType.F32, shape, MemorySegment.ofArray(start), Path.of("test"), 0));
    store.root().get(name, extents);
    return store.fork(any -> true).trainable().getFirst();
  }

  /** Without much of a ridge {@code mean((P^T x)(P^T x)^T)} is the identity. */
  @Test
  void whiteInputsHaveUnitVarianceInEveryDirection() {
    float[] x = inputs();
    float[] p = Whitening.of(List.of(List.of(x)), D, RIDGE).factor().floats();
    int rows = x.length / D;
    double[][] white = new double[rows][D];
    for (int r = 0; r < rows; r++) {
      for (int k = 0; k < D; k++) {
        for (int i = 0; i < D; i++) {
          white[r][k] += (double) x[r * D + i] * p[i * D + k];
        }
      }
    }
    for (int a = 0; a < D; a++) {
      for (int b = 0; b < D; b++) {
        double moment = 0;
        for (double[] row : white) {
          moment += row[a] * row[b] / rows;
        }
        assertEquals(a == b ? 1 : 0, moment, 1e-3);
      }
    }
  }

  /** {@code W - W0 = D P^T} where D is what Adam makes of {@code dL/dW P}, written out plainly. */
  @Test
  void theStepIsAdamsOwnInWhiteCoordinates() {
    Whitening whitening = Whitening.of(List.of(List.of(inputs())), D, 0.3);
    float[] p = whitening.factor().floats();
    Parameter weight = parameter("attn2.to_k.weight", ROWS, D);
    Parameter bias = parameter("bias", ROWS);
    float[] start = weight.data().floats().clone();
    float[] plainBias = bias.data().floats().clone();
    float[] white = new float[ROWS * D];
    float[] m = new float[white.length];
    float[] v = new float[white.length];
    float[] biasM = new float[ROWS];
    float[] biasV = new float[ROWS];
    Adam.Config config = Adam.Config.adam(1e-2);
    try (Cpu cpu = new Cpu(1)) {
      WhitenedAdam adam =
          new WhitenedAdam(
              config, List.of(weight, bias), name -> name.contains("to_k"), whitening, cpu);
      for (int t = 1; t <= 5; t++) {
        float[] g = SyntheticWeights.signal("g" + t, ROWS, D);
        float[] biasGradient = SyntheticWeights.signal("b" + t, ROWS);
        System.arraycopy(g, 0, weight.gradient().floats(), 0, g.length);
        System.arraycopy(biasGradient, 0, bias.gradient().floats(), 0, ROWS);
        adam.step();
        float[] whiteGradient = new float[g.length];
        for (int r = 0; r < ROWS; r++) {
          for (int k = 0; k < D; k++) {
            double sum = 0;
            for (int i = 0; i < D; i++) {
              sum += (double) g[r * D + i] * p[i * D + k];
            }
            whiteGradient[r * D + k] = (float) sum;
          }
        }
        Adam.update(config, 1e-2, t, white, whiteGradient, m, v);
        Adam.update(config, 1e-2, t, plainBias, biasGradient, biasM, biasV);
      }
    }
    for (int r = 0; r < ROWS; r++) {
      for (int i = 0; i < D; i++) {
        double expected = start[r * D + i];
        for (int k = 0; k < D; k++) {
          expected += (double) white[r * D + k] * p[i * D + k];
        }
        assertEquals(expected, weight.data().floats()[r * D + i], 2e-5);
      }
    }
    assertArrayEquals(plainBias, bias.data().floats(), "others are Adam's as usual");
  }

  /** The same first step for one input moves the usual inputs' outputs less than Adam's does. */
  @Test
  void usualInputsMoveLessThanUnderAdam() {
    float[] usual = inputs();
    double[] x = new double[D];
    for (int i = 0; i < D; i++) {
      x[i] = i == 2 ? 6 : i == 4 ? 3 : 0; // usual, but for one direction
    }
    double adam = sideEffect(false, usual, x);
    double whitened = sideEffect(true, usual, x);
    assertTrue(whitened < 0.7 * adam, whitened + " of Adam's " + adam);
  }

  /** Mean squared change of the usual outputs over that of the one that was asked for. */
  private static double sideEffect(boolean whiten, float[] usual, double[] x) {
    Parameter weight = parameter("attn2.to_v.weight", ROWS, D);
    float[] start = weight.data().floats().clone();
    for (int r = 0; r < ROWS; r++) {
      for (int i = 0; i < D; i++) {
        weight.gradient().floats()[r * D + i] = (float) ((r + 1) * x[i]);
      }
    }
    try (Cpu cpu = new Cpu(1)) {
      Adam.Config config = Adam.Config.adam(1e-2);
      Optimizer optimizer =
          whiten
              ? new WhitenedAdam(
                  config,
                  List.of(weight),
                  any -> true,
                  Whitening.of(List.of(List.of(usual)), D, 0.01),
                  cpu)
              : new Adam(config, List.of(weight));
      optimizer.step();
    }
    float[] now = weight.data().floats();
    double asked = 0;
    double side = 0;
    for (int r = 0; r < ROWS; r++) {
      double change = 0;
      for (int i = 0; i < D; i++) {
        change += (now[r * D + i] - start[r * D + i]) * x[i];
      }
      asked += change * change;
      for (int row = 0; row < usual.length; row += D) {
        double other = 0;
        for (int i = 0; i < D; i++) {
          other += ((double) now[r * D + i] - start[r * D + i]) * usual[row + i];
        }
        side += other * other * D / usual.length;
      }
    }
    return side / asked;
  }

  @Test
  void aWeightOfAnotherWidthIsRefused() {
    Parameter weight = parameter("attn2.to_q.weight", ROWS, D + 1);
    Whitening whitening = Whitening.of(List.of(List.of(inputs())), D, 0.3);
    try (Cpu cpu = new Cpu(1)) {
      LetheException refusal =
          assertThrows(
              LetheException.class,
              () ->
                  new WhitenedAdam(
                      Adam.Config.adam(1e-2), List.of(weight), any -> true, whitening, cpu));
      assertTrue(refusal.getMessage().contains("attn2.to_q.weight"), refusal.getMessage());
    }
  }
}
