// Both CLIP towers on given token ids and pictures.
package io.lethe.trace;

import io.lethe.UserError;
import io.lethe.autograd.Value;
import io.lethe.autograd.ops.CrossEntropy;
import io.lethe.autograd.ops.NormalizeRows;
import io.lethe.backend.Backend;
import io.lethe.model.clip.ClipConfig;
import io.lethe.model.clip.ClipModel;
import io.lethe.model.clip.ClipVisionModel;
import io.lethe.weights.TensorView;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Inputs {@code text.ids [texts, t]} and {@code clip.pixel_values [pictures, 3, size, size]}; with
 * gradients also {@code clip.target [pictures]}, the columns of the cross entropy of {@code
 * logits_per_image}.
 */
public final class ClipTrace {
  private ClipTrace() {}

  /** Runs it. @param trained which parameters get a gradient; null for no gradients at all */
  public static Map<String, TraceOutput> run(
      Backend backend,
      ClipConfig config,
      ClipModel frozen,
      TraceInputs inputs,
      Predicate<String> trained) {
    boolean gradients = trained != null;
    ClipModel clip = gradients ? new ClipModel(config, frozen.parameters().fork(trained)) : frozen;
    try (Trace trace = new Trace("clip", backend, gradients, false)) {
      TensorView view = inputs.get("clip.pixel_values", 4);
      int size = config.vision().imageSize();
      if (view.shape().dim(2) != size || view.shape().dim(3) != size) {
        throw new UserError(
            "input 'clip.pixel_values' " + view.shape() + " should be " + size + " a side");
      }
      int[][] ids = inputs.ids("text.ids", config.text().vocabSize());
      Value pixels = trace.input("pixel_values", trace.loadPicture(view), gradients);
      ClipVisionModel.Output vision = clip.visionModel().forward(trace.tape(), pixels);
      Value projected = clip.projectImage(trace.tape(), vision);
      Value imageEmbeds = NormalizeRows.apply(trace.tape(), projected);
      Value textEmbeds = clip.textEmbeds(trace.tape(), ids);
      Value logits = clip.logitsPerImage(trace.tape(), imageEmbeds, textEmbeds);
      trace.put("vision.last_hidden_state", vision.lastHiddenState().data());
      trace.put("vision.pooler_output", projected.data());
      trace.put("image_embeds", imageEmbeds.data());
      trace.put("text_embeds", textEmbeds.data());
      trace.put("logits_per_image", logits.data());
      if (gradients) {
        int[] targets = targets(inputs, view.shape().dim(0), ids.length);
        trace.backward(CrossEntropy.apply(trace.tape(), logits, targets), clip.parameters());
        trace.putPicture("grad.pixel_values", pixels.gradient(), size, size);
      }
      return trace.outputs();
    }
  }

  private static int[] targets(TraceInputs inputs, int pictures, int texts) {
    long[] columns = inputs.get("clip.target", 1).toLongs();
    if (columns.length != pictures) {
      throw new UserError(
          "input 'clip.target' has " + columns.length + " entries for " + pictures + " pictures");
    }
    int[] targets = new int[columns.length];
    for (int i = 0; i < targets.length; i++) {
      if (columns[i] < 0 || columns[i] >= texts) {
        throw new UserError("input 'clip.target' names column " + columns[i] + " of " + texts);
      }
      targets[i] = (int) columns[i];
    }
    return targets;
  }
}
