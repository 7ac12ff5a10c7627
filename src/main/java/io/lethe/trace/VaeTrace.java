// The autoencoder on a given picture and a given latent.
package io.lethe.trace;

import io.lethe.autograd.Value;
import io.lethe.autograd.ops.Add;
import io.lethe.autograd.ops.FirstChannels;
import io.lethe.autograd.ops.MeanSquaredError;
import io.lethe.backend.Backend;
import io.lethe.model.vae.AutoencoderKL;
import io.lethe.nn.FeatureMap;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import io.lethe.weights.TensorView;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Inputs {@code vae.image [n, 3, h, w]} and {@code vae.latent [n, c, h, w]} (as the decoder takes it, not scaled), either alone
 * or both; with gradients also {@code vae.target_mean} and {@code vae.target_image}, and the loss is
 * {@code mean((mean - target_mean)^2) + mean((decoded - target_image)^2)}.
 */
public final class VaeTrace {
  private VaeTrace() {}

  /** Runs it. @param trained which parameters get a gradient; null for no gradients at all */
  public static Map<String, TraceOutput> run(
      Backend backend, AutoencoderKL frozen, TraceInputs inputs, Predicate<String> trained) {
    boolean gradients = trained != null;
    AutoencoderKL vae =
        gradients ? new AutoencoderKL(frozen.config(), frozen.parameters().fork(trained)) : frozen;
    try (Trace trace = new Trace("vae", backend, gradients, false)) {
      Value loss = null;
      if (inputs.has("vae.image") || !inputs.has("vae.latent")) {
        loss = encode(trace, vae, inputs, gradients);
      }
      if (inputs.has("vae.latent")) {
        Value decoded = decode(trace, vae, inputs, gradients);
        loss = loss == null ? decoded : gradients ? Add.apply(trace.tape(), loss, decoded) : null;
      }
      if (gradients) {
        trace.backward(loss, vae.parameters());
      }
      return trace.outputs();
    }
  }

  private static Value encode(
      Trace trace, AutoencoderKL vae, TraceInputs inputs, boolean gradients) {
    TensorView view = inputs.get("vae.image", 4);
    Value picture = Value.constant(trace.loadPicture(view));
    FeatureMap moments =
        vae.encode(
            trace.tape(), new FeatureMap(picture, view.shape().dim(2), view.shape().dim(3)));
    int latent = vae.config().latentChannels();
    Value mean = FirstChannels.apply(trace.tape(), moments.value(), latent);
    Shape shape = mean.data().shape();
    Tensor logvar = trace.tape().allocate("logvar", shape);
    trace.tape()
        .backend()
        .splitChannels(moments.value().data(), latent, trace.tape().allocate("mean", shape), logvar);
    trace.putPicture("mean", mean.data(), moments.height(), moments.width());
    trace.putPicture("logvar", logvar, moments.height(), moments.width());
    if (!gradients) {
      return null;
    }
    Tensor target = trace.loadPicture(inputs.get("vae.target_mean", 4));
    return MeanSquaredError.apply(trace.tape(), mean, target, null);
  }

  private static Value decode(
      Trace trace, AutoencoderKL vae, TraceInputs inputs, boolean gradients) {
    TensorView view = inputs.get("vae.latent", 4);
    Value latent = Value.constant(trace.loadPicture(view));
    FeatureMap decoded =
        vae.decode(trace.tape(), new FeatureMap(latent, view.shape().dim(2), view.shape().dim(3)));
    trace.putPicture("decoded", decoded.value().data(), decoded.height(), decoded.width());
    if (!gradients) {
      return null;
    }
    Tensor target = trace.loadPicture(inputs.get("vae.target_image", 4));
    return MeanSquaredError.apply(trace.tape(), decoded.value(), target, null);
  }
}
