// Looks for the word that erasing hurts most, by Gumbel-softmax over a vocabulary.
package io.lethe.erase;

import io.lethe.diffusion.TorchRandom;
import java.util.Arrays;

/**
 * A categorical distribution over n candidate words, moved uphill on the damage done to them (EAP:
 * Bui et al. 2024; the relaxation is by Jang et al. 2017).
 *
 * <pre>
 * u ~ U(0,1)^n    g = -log(-log(u + 1e-10) + 1e-10)    y = softmax((pi + g) / tau)
 * forward: onehot(argmax y)        backward: d y / d pi  (straight through)
 * </pre>
 *
 * The choice is a draw from softmax(pi) whatever tau is; tau only scales the gradient.
 */
public final class AdversarialSearch {
  /**
   * One draw.
   *
   * @param index the chosen candidate
   * @param soft y, for the gradient
   */
  public record Draw(int index, double[] soft) {}

  private static final double TINY = 1e-10;
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPS = 1e-8;

  private final double tau;
  private final double learningRate;
  private final double[] logits;
  private final double[] m;
  private final double[] v;
  private int steps;

  /** Equal logits of 1/n, as published. */
  public AdversarialSearch(int candidates, double tau, double learningRate) {
    this.tau = tau;
    this.learningRate = learningRate;
    this.logits = new double[candidates];
    this.m = new double[candidates];
    this.v = new double[candidates];
    Arrays.fill(logits, 1.0 / candidates);
  }

  /** Draws a word from the distribution. */
  public Draw draw(TorchRandom random) {
    float[] uniform = random.rand(logits.length);
    double[] gumbel = new double[logits.length];
    for (int i = 0; i < gumbel.length; i++) {
      gumbel[i] = -Math.log(-Math.log(uniform[i] + TINY) + TINY);
    }
    return draw(gumbel);
  }

  /** The draw that this Gumbel noise makes. */
  Draw draw(double[] gumbel) {
    double[] soft = new double[logits.length];
    int best = 0;
    for (int i = 0; i < soft.length; i++) {
      soft[i] = (logits[i] + gumbel[i]) / tau;
      if (soft[i] > soft[best]) {
        best = i;
      }
    }
    softmaxInPlace(soft);
    return new Draw(best, soft);
  }

  private static void softmaxInPlace(double[] values) {
    double max = Arrays.stream(values).max().orElse(0);
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.exp(values[i] - max);
      sum += values[i];
    }
    for (int i = 0; i < values.length; i++) {
      values[i] /= sum;
    }
  }

  /**
   * The gradient of a loss by the logits, through the straight-through estimate.
   *
   * @param gradientOfContext dL/dc of the chosen context {@code [tokens * width]}
   * @param contexts the candidates' contexts, each {@code [tokens * width]}
   * @return {@code dL/dpi_i = y_i (s_i - sum_j y_j s_j) / tau} with {@code s_i = <dL/dc, R_i>}
   */
  double[] gradient(Draw draw, float[] gradientOfContext, float[][] contexts) {
    double[] similarity = new double[contexts.length];
    double mean = 0;
    for (int i = 0; i < contexts.length; i++) {
      double sum = 0;
      for (int j = 0; j < gradientOfContext.length; j++) {
        sum += (double) gradientOfContext[j] * contexts[i][j];
      }
      similarity[i] = sum;
      mean += draw.soft()[i] * sum;
    }
    double[] gradient = new double[contexts.length];
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] = draw.soft()[i] * (similarity[i] - mean) / tau;
    }
    return gradient;
  }

  /** One Adam step against this gradient of the loss to be minimised (minus the damage). */
  void step(double[] gradient) {
    steps++;
    double correction1 = 1 - Math.pow(BETA1, steps);
    double correction2 = Math.sqrt(1 - Math.pow(BETA2, steps));
    for (int i = 0; i < logits.length; i++) {
      m[i] += (1 - BETA1) * (gradient[i] - m[i]);
      v[i] = BETA2 * v[i] + (1 - BETA2) * gradient[i] * gradient[i];
      logits[i] -= learningRate / correction1 * m[i] / (Math.sqrt(v[i]) / correction2 + EPS);
    }
  }

  /** The distribution now. */
  public double[] probabilities() {
    double[] result = logits.clone();
    softmaxInPlace(result);
    return result;
  }

  void save(String prefix, TrainingState state) {
    state.putDoubles(prefix + ".logits", logits);
    state.putDoubles(prefix + ".m", m);
    state.putDoubles(prefix + ".v", v);
    state.putLongs(prefix + ".steps", steps);
  }

  void load(String prefix, TrainingState state) {
    System.arraycopy(state.doubles(prefix + ".logits"), 0, logits, 0, logits.length);
    System.arraycopy(state.doubles(prefix + ".m"), 0, m, 0, m.length);
    System.arraycopy(state.doubles(prefix + ".v"), 0, v, 0, v.length);
    steps = (int) state.longs(prefix + ".steps")[0];
  }
}
