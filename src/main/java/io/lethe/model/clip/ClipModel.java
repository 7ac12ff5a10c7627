// Both towers and their projections into one space, where pictures meet texts.
package io.lethe.model.clip;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.autograd.ops.MatrixProduct;
import io.lethe.autograd.ops.NormalizeRows;
import io.lethe.autograd.ops.ScaleByExp;
import io.lethe.nn.Linear;
import io.lethe.nn.Parameter;
import io.lethe.nn.ParameterStore;

/**
 * {@code logits_per_image = exp(logit_scale) * image_embeds text_embeds^T} (Radford et al. 2021).
 */
public final class ClipModel {
  private final ParameterStore parameters;
  private final ClipTextModel textModel;
  private final ClipVisionModel visionModel;
  private final Linear textProjection;
  private final Linear visualProjection;
  private final Parameter logitScale;

  public ClipModel(ClipConfig config, ParameterStore parameters) {
    int width = config.projectionDim();
    this.parameters = parameters;
    this.textModel = new ClipTextModel(config.text(), parameters);
    this.visionModel = new ClipVisionModel(config.vision(), parameters);
    this.textProjection =
        Linear.withoutBias(
            parameters.root().child("text_projection"), config.text().hiddenSize(), width);
    this.visualProjection =
        Linear.withoutBias(
            parameters.root().child("visual_projection"), config.vision().hiddenSize(), width);
    this.logitScale = parameters.root().get("logit_scale");
  }

  /** Normalised embeddings {@code [n, projectionDim]} of token ids. */
  public Value textEmbeds(Tape tape, int[][] ids) {
    Value pooled = textModel.forward(tape, ids).poolerOutput();
    return NormalizeRows.apply(tape, textProjection.forward(tape, pooled));
  }

  /**
   * Projected features {@code [n, projectionDim]} of a vision tower's output, before normalisation.
   */
  public Value projectImage(Tape tape, ClipVisionModel.Output vision) {
    return visualProjection.forward(tape, vision.pooled());
  }

  /** Normalised embeddings {@code [n, projectionDim]} of pictures {@code [n, size*size, 3]}. */
  public Value imageEmbeds(Tape tape, Value pixels) {
    return NormalizeRows.apply(tape, projectImage(tape, visionModel.forward(tape, pixels)));
  }

  /** {@code [pictures, texts]}. */
  public Value logitsPerImage(Tape tape, Value imageEmbeds, Value textEmbeds) {
    return ScaleByExp.apply(
        tape, MatrixProduct.apply(tape, imageEmbeds, textEmbeds), logitScale.value());
  }

  public ClipTextModel textModel() {
    return textModel;
  }

  public ClipVisionModel visionModel() {
    return visionModel;
  }

  public ParameterStore parameters() {
    return parameters;
  }
}
