// One pre-norm transformer layer of either tower.
package io.lethe.model.clip;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.autograd.ops.Activate;
import io.lethe.autograd.ops.Add;
import io.lethe.backend.Activation;
import io.lethe.nn.LayerNorm;
import io.lethe.nn.Linear;
import io.lethe.nn.ParameterPath;

/** {@code x += self_attn(layer_norm1(x)); x += fc2(act(fc1(layer_norm2(x))))}. */
final class ClipEncoderLayer {
  private final LayerNorm layerNorm1;
  private final ClipAttention selfAttn;
  private final LayerNorm layerNorm2;
  private final Linear fc1;
  private final Linear fc2;
  private final Activation activation;

  ClipEncoderLayer(ParameterPath path, ClipTowerConfig config, boolean causal) {
    int width = config.hiddenSize();
    this.layerNorm1 = new LayerNorm(path.child("layer_norm1"), width, config.layerNormEps());
    this.selfAttn =
        new ClipAttention(path.child("self_attn"), width, config.numAttentionHeads(), causal);
    this.layerNorm2 = new LayerNorm(path.child("layer_norm2"), width, config.layerNormEps());
    this.fc1 = Linear.withBias(path.child("mlp").child("fc1"), width, config.intermediateSize());
    this.fc2 = Linear.withBias(path.child("mlp").child("fc2"), config.intermediateSize(), width);
    this.activation = config.activation();
  }

  Value forward(Tape tape, Value x) {
    return tape.block(() -> rest(tape, x, selfAttn.forward(tape, layerNorm1.forward(tape, x))));
  }

  /** {@code x [n, t, width]} after a beginning that all samples share. */
  Value forwardAfter(Tape tape, TextPrefix.Layer before, Value x) {
    return tape.block(
        () -> rest(tape, x, selfAttn.forwardAfter(tape, before, layerNorm1.forward(tape, x))));
  }

  /** What tokens after {@code x [1, p, width]} need of it. */
  TextPrefix.Layer prefix(Tape tape, Value x) {
    return selfAttn.prefix(tape, layerNorm1.forward(tape, x));
  }

  private Value rest(Tape tape, Value x, Value fromAttention) {
    Value attended = Add.apply(tape, x, fromAttention);
    Value hidden = fc1.forward(tape, layerNorm2.forward(tape, attended));
    hidden = fc2.forward(tape, Activate.apply(tape, activation, hidden));
    return Add.apply(tape, attended, hidden);
  }
}
