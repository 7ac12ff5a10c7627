// The UNet on a given sample, timesteps and context.
package io.lethe.trace;

import io.lethe.autograd.Value;
import io.lethe.autograd.ops.MeanSquaredError;
import io.lethe.backend.Backend;
import io.lethe.model.unet.UNet2DConditionModel;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import io.lethe.weights.TensorView;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Inputs {@code unet.sample [n, c, h, w]}, {@code unet.timesteps [n]}, {@code unet.context [n, t,
 * d]}; with gradients also {@code unet.target}, and the loss is {@code mean((out - target)^2)}.
 */
public final class UnetTrace {
  private UnetTrace() {}

  /**
   * Runs it.
   *
   * @param trained which parameters get a gradient; null for no gradients at all
   */
  public static Map<String, TraceOutput> run(
      Backend backend,
      UNet2DConditionModel frozen,
      TraceInputs inputs,
      Predicate<String> trained,
      boolean activations) {
    boolean gradients = trained != null;
    UNet2DConditionModel unet =
        gradients
            ? new UNet2DConditionModel(frozen.config(), frozen.parameters().fork(trained))
            : frozen;
    try (Trace trace = new Trace("unet", backend, gradients, activations)) {
      TensorView sampleView = inputs.get("unet.sample", 4);
      int height = sampleView.shape().dim(2);
      int width = sampleView.shape().dim(3);
      int n = sampleView.shape().dim(0);
      double[] timesteps = timesteps(inputs.get("unet.timesteps", Shape.of(n)));
      TensorView contextView = inputs.get("unet.context", 3);
      Value sample = trace.input("sample", trace.loadPicture(sampleView), gradients);
      Value context =
          trace.input("context", trace.load(contextView, contextView.shape()), gradients);
      Value out = unet.forward(trace.tape(), sample, height, width, timesteps, context);
      trace.putPicture("out", out.data(), height, width);
      if (gradients) {
        Tensor target = trace.loadPicture(inputs.get("unet.target", 4));
        trace.backward(MeanSquaredError.apply(trace.tape(), out, target, null), unet.parameters());
        trace.putPicture("grad.sample", sample.gradient(), height, width);
        trace.put("grad.context", context.gradient());
      }
      return trace.outputs();
    }
  }

  private static double[] timesteps(TensorView view) {
    if (view.dtype().isFloat()) {
      return view.toDoubles();
    }
    long[] whole = view.toLongs();
    double[] timesteps = new double[whole.length];
    for (int i = 0; i < whole.length; i++) {
      timesteps[i] = whole[i];
    }
    return timesteps;
  }
}
