// The text encoder: from token ids to the context that the UNet attends to.
package io.lethe.model.clip;

import io.lethe.LetheException;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.autograd.ops.AddPerPosition;
import io.lethe.autograd.ops.Embedding;
import io.lethe.autograd.ops.PickPositions;
import io.lethe.nn.LayerNorm;
import io.lethe.nn.Parameter;
import io.lethe.nn.ParameterPath;
import io.lethe.nn.ParameterStore;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** CLIP's causal text transformer: embeddings, layers, final layer norm. */
public final class ClipTextModel {
  /**
   * What one forward gives.
   *
   * @param lastHiddenState {@code [n, t, hidden]} after the final layer norm: the UNet's context
   * @param hiddenMinus2 {@code [n, t, hidden]}, the input of the last layer
   * @param poolerOutput {@code [n, hidden]}: lastHiddenState at the end of text
   */
  public record Output(Value lastHiddenState, Value hiddenMinus2, Value poolerOutput) {}

  /** eos_token_id of configurations older than the fix of pooling: pool where the id is largest. */
  private static final int LEGACY_EOS = 2;

  private final ClipTowerConfig config;
  private final ParameterStore parameters;
  private final Parameter tokenEmbedding;
  private final Parameter positionEmbedding;
  private final List<ClipEncoderLayer> layers = new ArrayList<>();
  private final LayerNorm finalLayerNorm;

  /** The tower under {@code text_model} of this store. */
  public ClipTextModel(ClipTowerConfig config, ParameterStore parameters) {
    ParameterPath path = parameters.root().child("text_model");
    ParameterPath embeddings = path.child("embeddings");
    int width = config.hiddenSize();
    this.config = config;
    this.parameters = parameters;
    this.tokenEmbedding =
        embeddings.child("token_embedding").get("weight", config.vocabSize(), width);
    this.positionEmbedding =
        embeddings
            .child("position_embedding")
            .getInMemory("weight", config.maxPositionEmbeddings(), width);
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      layers.add(
          new ClipEncoderLayer(path.child("encoder").child("layers").child(i), config, true));
    }
    this.finalLayerNorm =
        new LayerNorm(path.child("final_layer_norm"), width, config.layerNormEps());
  }

  /**
   * @param ids n rows of {@code maxPositionEmbeddings} ids
   */
  public Output forward(Tape tape, int[][] ids) {
    int length = config.maxPositionEmbeddings();
    int[] flat = new int[ids.length * length];
    for (int n = 0; n < ids.length; n++) {
      if (ids[n].length != length) {
        throw new LetheException(
            "text encoder: " + ids[n].length + " token ids instead of " + length);
      }
      System.arraycopy(ids[n], 0, flat, n * length, length);
    }
    Value tokens = Embedding.apply(tape, tokenEmbedding.value(), ids.length, flat);
    return forwardEmbeddings(tape, tokens, ids);
  }

  /**
   * The last hidden state of prompts cut to equal length, {@code [n, t, hidden]}. Every position
   * sees only those before it, so that these are the first t rows of the whole forward.
   *
   * @param ids n rows of t ids, t at most {@code maxPositionEmbeddings}
   */
  public Value prefix(Tape tape, int[][] ids) {
    int length = ids[0].length;
    int[] flat = new int[ids.length * length];
    for (int n = 0; n < ids.length; n++) {
      if (ids[n].length != length || length > config.maxPositionEmbeddings()) {
        throw new LetheException("text encoder: a prefix of " + ids[n].length + " token ids");
      }
      System.arraycopy(ids[n], 0, flat, n * length, length);
    }
    int width = config.hiddenSize();
    float[] positions = Arrays.copyOf(positionEmbedding.data().floats(), length * width);
    Value table = Value.constant(Tensor.of("positions", Shape.of(length, width), positions));
    Value tokens = Embedding.apply(tape, tokenEmbedding.value(), ids.length, flat);
    Value hidden = AddPerPosition.apply(tape, tokens, table);
    for (ClipEncoderLayer layer : layers) {
      hidden = layer.forward(tape, hidden);
    }
    return finalLayerNorm.forward(tape, hidden);
  }

  /**
   * The forward from token embeddings that the caller supplies, for attacks and for words that have
   * no token.
   *
   * @param tokens {@code [n, t, hidden]}; position embeddings are added here
   * @param ids where to pool
   */
  public Output forwardEmbeddings(Tape tape, Value tokens, int[][] ids) {
    Value hidden = AddPerPosition.apply(tape, tokens, positionEmbedding.value());
    Value hiddenMinus2 = hidden;
    for (ClipEncoderLayer layer : layers) {
      hiddenMinus2 = hidden;
      hidden = layer.forward(tape, hidden);
    }
    Value last = finalLayerNorm.forward(tape, hidden);
    return new Output(last, hiddenMinus2, PickPositions.apply(tape, last, poolPositions(ids)));
  }

  private int[] poolPositions(int[][] ids) {
    int[] positions = new int[ids.length];
    for (int n = 0; n < ids.length; n++) {
      positions[n] = config.eosTokenId() == LEGACY_EOS ? largest(ids[n]) : firstEos(ids[n]);
    }
    return positions;
  }

  private static int largest(int[] ids) {
    int best = 0;
    for (int t = 1; t < ids.length; t++) {
      if (ids[t] > ids[best]) {
        best = t;
      }
    }
    return best;
  }

  private int firstEos(int[] ids) {
    for (int t = 0; t < ids.length; t++) {
      if (ids[t] == config.eosTokenId()) {
        return t;
      }
    }
    return 0;
  }

  public ClipTowerConfig config() {
    return config;
  }

  public ParameterStore parameters() {
    return parameters;
  }
}
