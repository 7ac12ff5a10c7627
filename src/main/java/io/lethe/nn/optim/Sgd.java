// Stochastic gradient descent with Nesterov momentum.
package io.lethe.nn.optim;

import io.lethe.nn.Parameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code b = momentum b + g} (b = g at the first step), {@code p = p - lr (g + momentum b)}
 * (Nesterov, as in Sutskever et al. 2013).
 */
public final class Sgd implements Optimizer {
  private double lr;
  private final double momentum;
  private final List<Parameter> parameters;
  private final Map<String, float[]> state = new LinkedHashMap<>();
  private int steps;

  public Sgd(double lr, double momentum, List<Parameter> parameters) {
    this.lr = lr;
    this.momentum = momentum;
    this.parameters = List.copyOf(parameters);
    for (Parameter parameter : parameters) {
      state.put("b." + parameter.name(), new float[parameter.data().size()]);
    }
  }

  @Override
  public void setLearningRate(double rate) {
    lr = rate;
  }

  @Override
  public void step() {
    for (Parameter parameter : parameters) {
      float[] p = parameter.data().floats();
      float[] g = parameter.gradient().floats();
      float[] b = state.get("b." + parameter.name());
      float decay = steps == 0 ? 0 : (float) momentum;
      for (int i = 0; i < p.length; i++) {
        b[i] = decay * b[i] + g[i];
        p[i] -= (float) lr * (g[i] + (float) momentum * b[i]);
      }
    }
    steps++;
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
