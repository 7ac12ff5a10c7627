// The text encoder on given token ids.
package io.lethe.trace;

import io.lethe.autograd.ops.MeanSquaredError;
import io.lethe.backend.Backend;
import io.lethe.model.clip.ClipTextModel;
import io.lethe.tensor.Tensor;
import io.lethe.weights.TensorView;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Inputs {@code text.ids [n, t]}; with gradients also {@code text.target [n, t, hidden]}, loss as
 * for the UNet.
 */
public final class TextTrace {
  private TextTrace() {}

  /** Runs it. @param trained which parameters get a gradient; null for no gradients at all */
  public static Map<String, TraceOutput> run(
      Backend backend, ClipTextModel frozen, TraceInputs inputs, Predicate<String> trained) {
    boolean gradients = trained != null;
    ClipTextModel model =
        gradients ? new ClipTextModel(frozen.config(), frozen.parameters().fork(trained)) : frozen;
    try (Trace trace = new Trace("text", backend, gradients, false)) {
      int[][] ids = inputs.ids("text.ids", model.config().vocabSize());
      ClipTextModel.Output out = model.forward(trace.tape(), ids);
      trace.put("last_hidden_state", out.lastHiddenState().data());
      trace.put("hidden_minus2", out.hiddenMinus2().data());
      trace.put("pooler_output", out.poolerOutput().data());
      if (gradients) {
        TensorView view = inputs.get("text.target", out.lastHiddenState().data().shape());
        Tensor target = trace.load(view, view.shape());
        trace.backward(
            MeanSquaredError.apply(trace.tape(), out.lastHiddenState(), target, null),
            model.parameters());
      }
      return trace.outputs();
    }
  }
}
