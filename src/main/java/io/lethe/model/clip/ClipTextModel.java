// The text encoder: from token ids to the context that the UNet attends to.
package io.lethe.model.clip;

import io.lethe.LetheException;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.autograd.ops.Add;
import io.lethe.autograd.ops.AddPerPosition;
import io.lethe.autograd.ops.Embedding;
import io.lethe.autograd.ops.PickPositions;
import io.lethe.nn.LayerNorm;
import io.lethe.nn.Parameter;
import io.lethe.nn.ParameterPath;
import io.lethe.nn.ParameterStore;
import java.util.ArrayList;
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
    return forwardEmbeddings(tape, tokenEmbeddings(tape, ids), ids);
  }

  /**
   * The rows {@code [n, t, hidden]} of the token table, without position embeddings.
   *
   * @param ids n rows of {@code maxPositionEmbeddings} ids
   */
  public Value tokenEmbeddings(Tape tape, int[][] ids) {
    int length = config.maxPositionEmbeddings();
    int[] flat = new int[ids.length * length];
    for (int n = 0; n < ids.length; n++) {
      if (ids[n].length != length) {
        throw new LetheException(
            "text encoder: " + ids[n].length + " token ids instead of " + length);
      }
      System.arraycopy(ids[n], 0, flat, n * length, length);
    }
    return Embedding.apply(tape, tokenEmbedding.value(), ids.length, flat);
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

  /**
   * The beginning that texts share, to be computed once for all of them.
   *
   * @param ids of the first tokens, the start token included; at least one
   */
  public TextPrefix prefix(Tape tape, int[] ids) {
    Value hidden = embed(tape, new int[][] {ids}, 0);
    List<TextPrefix.Layer> shared = new ArrayList<>();
    for (ClipEncoderLayer layer : layers) {
      shared.add(layer.prefix(tape, hidden));
      hidden = layer.forward(tape, hidden);
    }
    return new TextPrefix(ids.length, shared, finalLayerNorm.forward(tape, hidden));
  }

  /**
   * The context's rows of tokens that follow a shared beginning, as far as the ids reach. They are
   * the same numbers as in {@link #forward} of the whole texts, because a token sees only those
   * before it.
   *
   * @param before from {@link #prefix}, or null where the ids are the texts' first
   * @param ids n rows of t ids, at most {@code maxPositionEmbeddings} with the beginning
   * @return {@code [n, t, hidden]} after the final layer norm
   */
  public Value forwardAfter(Tape tape, TextPrefix before, int[][] ids) {
    Value hidden = embed(tape, ids, before == null ? 0 : before.tokens());
    for (int i = 0; i < layers.size(); i++) {
      ClipEncoderLayer layer = layers.get(i);
      hidden =
          before == null
              ? layer.forward(tape, hidden)
              : layer.forwardAfter(tape, before.layers().get(i), hidden);
    }
    return finalLayerNorm.forward(tape, hidden);
  }

  /** Token and position embeddings of n rows of t ids, the first of them at this position. */
  private Value embed(Tape tape, int[][] ids, int firstPosition) {
    int length = ids[0].length;
    int[] flat = new int[ids.length * length];
    int[] positions = new int[flat.length];
    for (int n = 0; n < ids.length; n++) {
      if (ids[n].length != length || length == 0) {
        throw new LetheException(
            "text encoder: texts of " + length + " and " + ids[n].length + " token ids");
      }
      System.arraycopy(ids[n], 0, flat, n * length, length);
      for (int t = 0; t < length; t++) {
        positions[n * length + t] = firstPosition + t;
      }
    }
    return Add.apply(
        tape,
        Embedding.apply(tape, tokenEmbedding.value(), ids.length, flat),
        Embedding.apply(tape, positionEmbedding.value(), ids.length, positions));
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
