// Adam on white coordinates of the weights that read text, and as usual on all others.
package io.lethe.nn.optim;

import io.lethe.LetheException;
import io.lethe.backend.Backend;
import io.lethe.nn.Parameter;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * With {@code W = W0 + D P^T} of a {@link Whitening}:
 *
 * <pre>
 * dL/dD = dL/dW P        d = one step of Adam on D        W = W + d P^T
 * </pre>
 *
 * Adam equalises the steps of all coordinates, whatever their gradients. On W itself that spreads
 * an update for one concept over directions that every prompt reads; on D it becomes large only
 * where usual prompts have little. The cost is two products {@code [out, d] x [d, d]} a weight and
 * step.
 */
public final class WhitenedAdam implements Optimizer {
  private final Adam.Config config;
  private final List<Parameter> parameters;
  private final Adam plain;
  private final Backend backend;
  private final Whitening whitening;
  private final List<Parameter> whitened;
  private final Map<String, float[]> moments = new LinkedHashMap<>();
  private double learningRate;

  /**
   * @param reads which parameters read what the whitening was made from; each is {@code [out, d]}
   */
  public WhitenedAdam(
      Adam.Config config,
      List<Parameter> parameters,
      Predicate<String> reads,
      Whitening whitening,
      Backend backend) {
    this.config = config;
    this.parameters = List.copyOf(parameters);
    this.whitening = whitening;
    this.backend = backend;
    this.learningRate = config.lr();
    List<Parameter> others = new ArrayList<>();
    this.whitened = new ArrayList<>();
    for (Parameter parameter : parameters) {
      (reads.test(parameter.name()) ? whitened : others).add(parameter);
    }
    this.plain = new Adam(config, others);
    for (Parameter parameter : whitened) {
      Shape shape = parameter.data().shape();
      if (shape.rank() != 2 || shape.dim(1) != whitening.width()) {
        throw new LetheException(
            "%s does not read vectors of width %d".formatted(parameter, whitening.width()));
      }
      moments.put("white.m." + parameter.name(), new float[shape.size()]);
      moments.put("white.v." + parameter.name(), new float[shape.size()]);
    }
  }

  @Override
  public void setLearningRate(double lr) {
    learningRate = lr;
    plain.setLearningRate(lr);
  }

  @Override
  public void step() {
    plain.step();
    int d = whitening.width();
    for (Parameter parameter : whitened) {
      Tensor weight = parameter.data();
      int rows = weight.size() / d;
      Tensor gradient = Tensor.of("white.gradient", weight.shape(), new float[weight.size()]);
      Tensor move = Tensor.of("white.move", weight.shape(), new float[weight.size()]);
      Tensor p = whitening.factor();
      backend.gemm(false, false, rows, d, d, parameter.gradient(), p, null, gradient, false);
      Adam.update(
          config,
          learningRate,
          plain.steps(),
          move.floats(), // from zero: what is left there is the step d
          gradient.floats(),
          moments.get("white.m." + parameter.name()),
          moments.get("white.v." + parameter.name()));
      backend.gemm(false, true, rows, d, d, move, p, null, weight, true);
    }
  }

  @Override
  public List<Parameter> parameters() {
    return parameters;
  }

  @Override
  public Map<String, float[]> state() {
    Map<String, float[]> state = new LinkedHashMap<>(plain.state());
    state.putAll(moments);
    return state;
  }

  @Override
  public int steps() {
    return plain.steps();
  }

  @Override
  public void setSteps(int count) {
    plain.setSteps(count);
  }
}
