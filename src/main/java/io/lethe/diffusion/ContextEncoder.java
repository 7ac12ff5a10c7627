// Runs the text encoder over many texts, as far into each as is wanted, and what they share once.
package io.lethe.diffusion;

import io.lethe.autograd.Tape;
import io.lethe.backend.Backend;
import io.lethe.model.clip.ClipTextModel;
import io.lethe.model.clip.ClipTowerConfig;
import io.lethe.model.clip.TextPrefix;
import io.lethe.tensor.Scope;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Texts of as many rows go through the encoder together, sorted, so that those that begin alike are
 * neighbours; the tokens that a whole batch begins with (the start token at least) are computed
 * once. A row's sums are taken in the same order in every batch, so that a text has the same bytes
 * alone, among others, and cut.
 *
 * <p>Cost: {@code l (8 h^2 + 4 h m)} operations a token for l layers of width h and MLPs of m (0.17
 * GFLOP in SD 1.x), and {@code 4 l h k} for a token that sees k: 13.1 GFLOP for a whole context of
 * 77, 0.34 for a word of one token up to the end token.
 */
final class ContextEncoder {
  /**
   * A text and how far to go.
   *
   * @param ids of the whole text, padded
   * @param rows how many first rows of the context
   */
  record Text(int[] ids, int rows) {}

  /**
   * Rows of one batch: enough for the kernels to be worth their weights, few enough for the caches.
   */
  private static final int BATCH_ROWS = 1024;

  private final Backend backend;
  private final ClipTextModel textEncoder;

  ContextEncoder(Backend backend, ClipTextModel textEncoder) {
    this.backend = backend;
    this.textEncoder = textEncoder;
  }

  /** Operations that so many rows take, but for what attention adds. */
  long flops(long rows) {
    ClipTowerConfig config = textEncoder.config();
    long width = config.hiddenSize();
    return rows
        * config.numHiddenLayers()
        * (8 * width * width + 4 * width * config.intermediateSize());
  }

  /** The first rows {@code [rows * width]} of each text's context, in the texts' order. */
  float[][] encode(List<Text> texts) {
    Integer[] order = IntStream.range(0, texts.size()).boxed().toArray(Integer[]::new);
    Arrays.sort(
        order,
        Comparator.<Integer>comparingInt(i -> texts.get(i).rows())
            .thenComparing(i -> texts.get(i).ids(), Arrays::compare));
    float[][] contexts = new float[texts.size()][];
    try (Scope scope = Scope.root("text", backend.computeType())) {
      Beginning beginning = new Beginning(scope);
      for (int from = 0; from < order.length; ) {
        int to = batchEnd(texts, order, from);
        encodeBatch(texts, Arrays.copyOfRange(order, from, to), beginning, scope, contexts);
        from = to;
      }
      beginning.close();
    }
    return contexts;
  }

  private static int batchEnd(List<Text> texts, Integer[] order, int from) {
    int rows = texts.get(order[from]).rows();
    int to = from + 1;
    while (to < order.length
        && texts.get(order[to]).rows() == rows
        && (to - from + 1) * rows <= BATCH_ROWS) {
      to++;
    }
    return to;
  }

  private void encodeBatch(
      List<Text> texts, Integer[] batch, Beginning beginning, Scope scope, float[][] contexts) {
    int rows = texts.get(batch[0]).rows();
    int width = textEncoder.config().hiddenSize();
    TextPrefix prefix = beginning.of(texts.get(batch[0]), texts.get(batch[batch.length - 1]));
    int shared = prefix == null ? 0 : prefix.tokens();
    int own = (rows - shared) * width;
    int[][] ids = new int[batch.length][];
    for (int i = 0; i < batch.length; i++) {
      ids[i] = Arrays.copyOfRange(texts.get(batch[i]).ids(), shared, rows);
    }
    try (Scope inner = scope.child("batch")) {
      Tape tape = Tape.noGrad(backend, inner);
      float[] states = textEncoder.forwardAfter(tape, prefix, ids).data().floats();
      for (int i = 0; i < batch.length; i++) {
        float[] context = new float[rows * width];
        if (prefix != null) {
          System.arraycopy(prefix.states().data().floats(), 0, context, 0, shared * width);
        }
        System.arraycopy(states, i * own, context, shared * width, own);
        contexts[batch[i]] = context;
      }
    }
  }

  /** The shared beginning of the batch at hand, kept for the next batches that have the same. */
  private final class Beginning {
    private final Scope scope;
    private Scope own;
    private int[] ids = {};
    private TextPrefix prefix;

    Beginning(Scope scope) {
      this.scope = scope;
    }

    /**
     * What all texts between these two of a sorted batch begin with, or null where nothing is left
     * to share: a text alone goes through in one piece.
     */
    TextPrefix of(Text first, Text last) {
      int count = Arrays.mismatch(first.ids(), 0, first.rows(), last.ids(), 0, last.rows());
      if (count < 1) {
        return null; // the same text, or one that does not start as the others
      }
      if (!Arrays.equals(ids, 0, ids.length, first.ids(), 0, count)) {
        close();
        own = scope.child("beginning");
        ids = Arrays.copyOf(first.ids(), count);
        prefix = textEncoder.prefix(Tape.noGrad(backend, own), ids);
      }
      return prefix;
    }

    void close() {
      if (own != null) {
        own.close();
        own = null;
      }
    }
  }
}
