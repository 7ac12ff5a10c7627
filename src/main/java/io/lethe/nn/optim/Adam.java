// Adam with coupled weight decay, and AdamW with decoupled.
package io.lethe.nn.optim;

import io.lethe.nn.Parameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Adam (Kingma and Ba 2015):
 *
 * <pre>
 * m = beta1 m + (1 - beta1) g        v = beta2 v + (1 - beta2) g^2
 * p = p - lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + eps)
 * </pre>
 *
 * Coupled decay adds {@code decay * p} to g first (L2 regularisation); decoupled decay (Loshchilov
 * and Hutter 2019) shrinks p by {@code 1 - lr * decay} instead.
 */
public final class Adam implements Optimizer {
  /** Hyper-parameters; {@code lr} is the learning rate. */
  public record Config(
      double lr, double beta1, double beta2, double eps, double weightDecay, boolean decoupled) {

    /** PyTorch's defaults: betas 0.9 and 0.999, eps 1e-8, no decay. */
    public static Config adam(double lr) {
      return new Config(lr, 0.9, 0.999, 1e-8, 0, false);
    }

    /** AdamW with PyTorch's other defaults. */
    public static Config adamW(double lr, double weightDecay) {
      return new Config(lr, 0.9, 0.999, 1e-8, weightDecay, true);
    }
  }

  private final Config config;
  private final List<Parameter> parameters;
  private final Map<String, float[]> state = new LinkedHashMap<>();
  private double learningRate;
  private int steps;

  public Adam(Config config, List<Parameter> parameters) {
    this.config = config;
    this.parameters = List.copyOf(parameters);
    this.learningRate = config.lr();
    for (Parameter parameter : parameters) {
      int size = parameter.data().size();
      state.put("m." + parameter.name(), new float[size]);
      state.put("v." + parameter.name(), new float[size]);
    }
  }

  @Override
  public void setLearningRate(double lr) {
    learningRate = lr;
  }

  @Override
  public void step() {
    steps++;
    for (Parameter parameter : parameters) {
      update(
          config,
          learningRate,
          steps,
          parameter.data().floats(),
          parameter.gradient().floats(),
          state.get("m." + parameter.name()),
          state.get("v." + parameter.name()));
    }
  }

  /**
   * Step {@code t}, from 1, of one array of parameters.
   *
   * @param m first moments, updated
   * @param v second moments, updated
   */
  static void update(
      Config config, double learningRate, int t, float[] p, float[] g, float[] m, float[] v) {
    float stepSize = (float) (learningRate / (1 - Math.pow(config.beta1(), t)));
    float rootCorrection = (float) Math.sqrt(1 - Math.pow(config.beta2(), t));
    float beta2 = (float) config.beta2();
    float oneMinusBeta1 = (float) (1 - config.beta1());
    float oneMinusBeta2 = (float) (1 - config.beta2());
    float eps = (float) config.eps();
    float coupled = config.decoupled() ? 0 : (float) config.weightDecay();
    float keep = config.decoupled() ? (float) (1 - learningRate * config.weightDecay()) : 1;
    for (int i = 0; i < p.length; i++) {
      float value = p[i] * keep;
      float gradient = g[i] + coupled * value;
      float first = m[i] + oneMinusBeta1 * (gradient - m[i]);
      float second = v[i] * beta2 + oneMinusBeta2 * gradient * gradient;
      m[i] = first;
      v[i] = second;
      float denominator = (float) Math.sqrt(second) / rootCorrection + eps;
      p[i] = value - stepSize * (first / denominator);
    }
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
