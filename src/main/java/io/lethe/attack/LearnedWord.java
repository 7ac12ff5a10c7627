// A word without a token: its embedding is learned, the text encoder does the rest.
package io.lethe.attack;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.autograd.ops.Add;
import io.lethe.autograd.ops.Embedding;
import io.lethe.autograd.ops.Linear;
import io.lethe.backend.Backend;
import io.lethe.model.clip.ClipTextModel;
import io.lethe.tensor.Buffer;
import io.lethe.tensor.DType;
import io.lethe.tensor.Scope;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import io.lethe.text.ClipTokenizer;
import java.util.Arrays;
import java.util.List;

/**
 * Textual inversion (Gal et al. 2023): a new row {@code v} of the token table.
 *
 * <p>The token embeddings of a prompt are {@code E + h v^T}, where {@code E [t, c]} are those of
 * its other words, with zeros where the new one stands, and {@code h [t]} is 1 there and 0
 * elsewhere. So the gradient by v is the sum of the gradients at its places, and nothing else is
 * learned.
 */
final class LearnedWord implements LearnedEmbedding {
  private final Backend backend;
  private final ClipTextModel textEncoder;
  private final ClipTokenizer tokenizer;
  private final List<PlaceholderPrompt> prompts;
  private final int tokens;
  private final int width;
  private final Tensor others;
  private final Tensor places;

  /**
   * @param tokenizer for {@link #of}; null where no words are looked up
   * @param prompts one a form
   */
  LearnedWord(
      Backend backend,
      ClipTextModel textEncoder,
      ClipTokenizer tokenizer,
      List<PlaceholderPrompt> prompts) {
    this.backend = backend;
    this.textEncoder = textEncoder;
    this.tokenizer = tokenizer;
    this.prompts = prompts;
    this.tokens = textEncoder.config().maxPositionEmbeddings();
    this.width = textEncoder.config().hiddenSize();
    this.others = others();
    this.places = places();
  }

  /** {@code [forms * tokens, width]}: E of all forms. */
  private Tensor others() {
    int[][] ids = prompts.stream().map(PlaceholderPrompt::ids).toArray(int[][]::new);
    Tensor rows = copy("prompt.others", ids);
    for (int form = 0; form < prompts.size(); form++) {
      for (int position : prompts.get(form).positions()) {
        int from = (form * tokens + position) * width;
        switch (rows.buffer()) {
          case Buffer.Floats(float[] array) -> Arrays.fill(array, from, from + width, 0f);
          case Buffer.Doubles(double[] array) -> Arrays.fill(array, from, from + width, 0d);
          case Buffer.Mapped mapped -> throw new IllegalStateException("mapped embeddings");
        }
      }
    }
    return rows;
  }

  /** {@code [forms * tokens, 1]}: h of all forms. */
  private Tensor places() {
    double[] ones = new double[prompts.size() * tokens];
    for (int form = 0; form < prompts.size(); form++) {
      for (int position : prompts.get(form).positions()) {
        ones[form * tokens + position] = 1;
      }
    }
    Shape shape = Shape.of(ones.length, 1);
    if (backend.computeType() == DType.F64) {
      return Tensor.of("prompt.places", shape, ones);
    }
    float[] narrow = new float[ones.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) ones[i];
    }
    return Tensor.of("prompt.places", shape, narrow);
  }

  /** Rows of the token table in memory of their own, {@code [n * tokens, width]}. */
  private Tensor copy(String name, int[][] ids) {
    Shape shape = Shape.of((long) ids.length * tokens, width);
    try (Scope scope = Scope.root(name, backend.computeType())) {
      Tensor rows = textEncoder.tokenEmbeddings(Tape.noGrad(backend, scope), ids).data();
      return rows.dtype() == DType.F64
          ? Tensor.of(name, shape, rows.doubles().clone())
          : Tensor.of(name, shape, rows.floats().clone());
    }
  }

  @Override
  public Shape shape() {
    return Shape.of(width, 1);
  }

  @Override
  public Value contexts(Tape tape, Value learned, int[] forms) {
    int[] rows = new int[forms.length * tokens];
    int[][] ids = new int[forms.length][];
    for (int n = 0; n < forms.length; n++) {
      ids[n] = prompts.get(forms[n]).ids();
      for (int t = 0; t < tokens; t++) {
        rows[n * tokens + t] = forms[n] * tokens + t;
      }
    }
    Value rest = Embedding.apply(tape, Value.constant(others), forms.length, rows);
    Value where = Embedding.apply(tape, Value.constant(places), forms.length, rows);
    Value word = Linear.apply(tape, where, learned, null);
    return textEncoder.forwardEmbeddings(tape, Add.apply(tape, rest, word), ids).lastHiddenState();
  }

  @Override
  public float[] of(String word) {
    int[] row = tokenizer.encode(word).ids(); // begin, the word's first token, ...
    return Arrays.copyOfRange(copy("word", new int[][] {row}).floats(), width, 2 * width);
  }
}
