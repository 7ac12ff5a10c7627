// Adafactor: second moments of a matrix kept as one row and one column.
package io.lethe.nn.optim;

import io.lethe.nn.Parameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Adafactor (Shazeer and Stern 2018) in PyTorch's form, without first moment:
 *
 * <pre>
 * rho = min(lr, 1/sqrt(t))           alpha = max(1e-3, rms(p)) rho
 * R = lerp(R, mean over columns of g^2, t^-0.8)      C = lerp(C, mean over rows of g^2, t^-0.8)
 * u = g / sqrt(R C / mean(R))        p = p - alpha u / max(1, rms(u))
 * </pre>
 *
 * A tensor of rank above 2 is a stack of matrices over its last two axes; a vector keeps its full
 * second moment.
 */
public final class Adafactor implements Optimizer {
  private static final double BETA2_DECAY = -0.8;
  private static final double EPS1 = Math.ulp(1f);
  private static final double EPS2 = 1e-3;

  private double lr;
  private final List<Parameter> parameters;
  private final Map<String, float[]> state = new LinkedHashMap<>();
  private int steps;

  public Adafactor(double lr, List<Parameter> parameters) {
    this.lr = lr;
    this.parameters = List.copyOf(parameters);
    for (Parameter parameter : parameters) {
      int size = parameter.data().size();
      if (parameter.data().shape().rank() < 2) {
        state.put("v." + parameter.name(), new float[size]);
      } else {
        int columns = parameter.data().shape().dim(-1);
        int rows = parameter.data().shape().dim(-2);
        state.put("row." + parameter.name(), new float[size / columns]);
        state.put("column." + parameter.name(), new float[size / rows]);
      }
    }
  }

  @Override
  public void setLearningRate(double rate) {
    lr = rate;
  }

  @Override
  public void step() {
    steps++;
    double mix = Math.pow(steps, BETA2_DECAY);
    double rho = Math.min(lr, 1 / Math.sqrt(steps));
    for (Parameter parameter : parameters) {
      float[] p = parameter.data().floats();
      float[] g = parameter.gradient().floats();
      double[] variance =
          parameter.data().shape().rank() < 2
              ? vectorVariance(g, state.get("v." + parameter.name()), mix)
              : matrixVariance(parameter, g, mix);
      double sumOfSquares = 0;
      for (int i = 0; i < p.length; i++) {
        variance[i] = g[i] / Math.sqrt(Math.max(variance[i], EPS1 * EPS1)); // now the update
        sumOfSquares += variance[i] * variance[i];
      }
      double alpha = Math.max(EPS2, rootMeanSquare(p)) * rho;
      double scale = alpha / Math.max(1, Math.sqrt(sumOfSquares / p.length));
      for (int i = 0; i < p.length; i++) {
        p[i] -= (float) (scale * variance[i]);
      }
    }
  }

  private static double[] vectorVariance(float[] g, float[] v, double mix) {
    double[] variance = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      v[i] += (float) (mix * ((double) g[i] * g[i] - v[i]));
      variance[i] = v[i];
    }
    return variance;
  }

  private double[] matrixVariance(Parameter parameter, float[] g, double mix) {
    int columns = parameter.data().shape().dim(-1);
    int rows = parameter.data().shape().dim(-2);
    float[] row = state.get("row." + parameter.name());
    float[] column = state.get("column." + parameter.name());
    double[] variance = new double[g.length];
    for (int matrix = 0; matrix < g.length / (rows * columns); matrix++) {
      double[] rowSums = new double[rows];
      double[] columnSums = new double[columns];
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          double square = (double) g[(matrix * rows + r) * columns + c];
          square *= square;
          rowSums[r] += square;
          columnSums[c] += square;
        }
      }
      double meanOfRows = 0;
      for (int r = 0; r < rows; r++) {
        int at = matrix * rows + r;
        row[at] += (float) (mix * (rowSums[r] / columns - row[at]));
        meanOfRows += row[at] / (double) rows;
      }
      for (int c = 0; c < columns; c++) {
        int at = matrix * columns + c;
        column[at] += (float) (mix * (columnSums[c] / rows - column[at]));
      }
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          variance[(matrix * rows + r) * columns + c] =
              (double) row[matrix * rows + r]
                  * column[matrix * columns + c]
                  / Math.max(meanOfRows, EPS1);
        }
      }
    }
    return variance;
  }

  private static double rootMeanSquare(float[] p) {
    double sum = 0;
    for (float value : p) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum / p.length);
  }

  @Override
  public List<Parameter> parameters() {
    return parameters;
  }

  @Override
  public Map<String, float[]> state() {
    return state;
  }

  @Override
  public int steps() {
    return steps;
  }

  @Override
  public void setSteps(int count) {
    steps = count;
  }
}
