// The autoencoder on a given picture and a given latent.
package io.lethe.trace;

import io.lethe.autograd.Value;
import io.lethe.autograd.ops.Add;
import io.lethe.autograd.ops.FirstChannels;
import io.lethe.autograd.ops.MeanSquaredError;
import io.lethe.backend.Backend;
import io.lethe.model.vae.AutoencoderKL;
import io.lethe.nn.FeatureMap;
import io.lethe.tensor.Tensor;
import io.lethe.weights.TensorView;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Inputs {@code vae.image [n, 3, h, w]} and {@code vae.latent [n, c, h, w]} (as the decoder takes
 * it, not scaled), either alone or both; with gradients also {@code vae.target_mean} and {@code
 * vae.target_image}, and the loss is {@code mean((mean - target_mean)^2) + mean((decoded -
 * target_image)^2)}.
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
      FeatureMap image =
          inputs.has("vae.image") ? picture(trace, inputs, "image", gradients) : null;
      FeatureMap latent =
          image == null || inputs.has("vae.latent")
              ? picture(trace, inputs, "latent", gradients)
              : null;
      Value mean = image == null ? null : encode(trace, vae, image);
      Value decoded = latent == null ? null : decode(trace, vae, latent);
      if (gradients) {
        trace.backward(loss(trace, inputs, mean, decoded), vae.parameters());
        putGradient(trace, "grad.image", image);
        putGradient(trace, "grad.latent", latent);
      }
      return trace.outputs();
    }
  }

  private static FeatureMap picture(
      Trace trace, TraceInputs inputs, String name, boolean gradients) {
    TensorView view = inputs.get("vae." + name, 4);
    Value value = trace.input(name, trace.loadPicture(view), gradients);
    return new FeatureMap(value, view.shape().dim(2), view.shape().dim(3));
  }

  private static void putGradient(Trace trace, String name, FeatureMap input) {
    if (input != null) {
      trace.putPicture(name, input.value().gradient(), input.height(), input.width());
    }
  }

  private static Value loss(Trace trace, TraceInputs inputs, Value mean, Value decoded) {
    Value loss = mean == null ? null : error(trace, mean, inputs.get("vae.target_mean", 4));
    if (decoded == null) {
      return loss;
    }
    Value second = error(trace, decoded, inputs.get("vae.target_image", 4));
    return loss == null ? second : Add.apply(trace.tape(), loss, second);
  }

  private static Value error(Trace trace, Value out, TensorView target) {
    return MeanSquaredError.apply(trace.tape(), out, trace.loadPicture(target), null);
  }

  private static Value encode(Trace trace, AutoencoderKL vae, FeatureMap image) {
    FeatureMap moments = vae.encode(trace.tape(), image);
    int latent = vae.config().latentChannels();
    Value mean = FirstChannels.apply(trace.tape(), moments.value(), latent);
    Tensor logvar = trace.tape().allocate("logvar", mean.data().shape());
    trace.tape().backend().splitChannels(moments.value().data(), latent, null, logvar);
    trace.putPicture("mean", mean.data(), moments.height(), moments.width());
    trace.putPicture("logvar", logvar, moments.height(), moments.width());
    return mean;
  }

  private static Value decode(Trace trace, AutoencoderKL vae, FeatureMap latent) {
    FeatureMap decoded = vae.decode(trace.tape(), latent);
    trace.putPicture("decoded", decoded.value().data(), decoded.height(), decoded.width());
    return decoded.value();
  }
}
