// Prompts as the UNet sees them, each encoded once.
package io.lethe.diffusion;

import io.lethe.autograd.Tape;
import io.lethe.backend.Backend;
import io.lethe.model.clip.ClipTextModel;
import io.lethe.tensor.Scope;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import io.lethe.text.ClipTokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Contexts {@code [tokens, width]} by prompt, cached. The text encoder must not change meanwhile.
 */
public final class TextContexts {
  private static final int BATCH = 16;

  private final Backend backend;
  private final ClipTokenizer tokenizer;
  private final ClipTextModel textEncoder;
  private final Map<String, float[]> contexts = new HashMap<>();

  public TextContexts(Backend backend, ClipTokenizer tokenizer, ClipTextModel textEncoder) {
    this.backend = backend;
    this.tokenizer = tokenizer;
    this.textEncoder = textEncoder;
  }

  /** Tokens in a context. */
  public int tokens() {
    return textEncoder.config().maxPositionEmbeddings();
  }

  /** Numbers for each token. */
  public int width() {
    return textEncoder.config().hiddenSize();
  }

  /** Encodes what is not known yet, in batches. */
  public void prepare(Collection<String> prompts) {
    List<String> missing = new ArrayList<>();
    for (String prompt : new LinkedHashSet<>(prompts)) {
      if (!contexts.containsKey(prompt)) {
        missing.add(prompt);
      }
    }
    for (int from = 0; from < missing.size(); from += BATCH) {
      encode(missing.subList(from, Math.min(from + BATCH, missing.size())));
    }
  }

  private void encode(List<String> prompts) {
    int[][] ids = new int[prompts.size()][];
    for (int n = 0; n < ids.length; n++) {
      ids[n] = tokenizer.encode(prompts.get(n)).ids();
    }
    try (Scope scope = Scope.root("text", backend.computeType())) {
      Tensor states =
          textEncoder.forward(Tape.noGrad(backend, scope), ids).lastHiddenState().data();
      int size = tokens() * width();
      for (int n = 0; n < ids.length; n++) {
        float[] context = new float[size];
        System.arraycopy(states.floats(), n * size, context, 0, size);
        contexts.put(prompts.get(n), context);
      }
    }
  }

  /**
   * The rows of every prompt up to and with its end token, {@code [its tokens * width]}, not
   * cached: a word of three tokens costs five positions of the encoder and not all of them.
   */
  public Map<String, float[]> upToEnd(Collection<String> prompts) {
    Map<Integer, List<String>> byLength = new TreeMap<>();
    for (String prompt : new LinkedHashSet<>(prompts)) {
      int length = tokenizer.encode(prompt).tokens();
      byLength.computeIfAbsent(length, key -> new ArrayList<>()).add(prompt);
    }
    Map<String, float[]> rows = new HashMap<>();
    byLength.forEach((length, group) -> {
      int batch = Math.max(1, BATCH * tokens() / length);
      for (int from = 0; from < group.size(); from += batch) {
        encodePrefix(group.subList(from, Math.min(from + batch, group.size())), length, rows);
      }
    });
    return rows;
  }

  private void encodePrefix(List<String> prompts, int length, Map<String, float[]> rows) {
    int[][] ids = new int[prompts.size()][];
    for (int n = 0; n < ids.length; n++) {
      ids[n] = Arrays.copyOf(tokenizer.encode(prompts.get(n)).ids(), length);
    }
    try (Scope scope = Scope.root("text", backend.computeType())) {
      Tensor states = textEncoder.prefix(Tape.noGrad(backend, scope), ids).data();
      int size = length * width();
      for (int n = 0; n < ids.length; n++) {
        float[] own = new float[size];
        System.arraycopy(states.floats(), n * size, own, 0, size);
        rows.put(prompts.get(n), own);
      }
    }
  }

  /**
   * The context {@code [tokens * width]} of one prompt. The array is shared: do not write to it.
   */
  public float[] get(String prompt) {
    prepare(List.of(prompt));
    return contexts.get(prompt);
  }

  /** One tensor {@code [n, tokens, width]} of several prompts. */
  public Tensor batch(List<String> prompts) {
    prepare(prompts);
    List<float[]> rows = new ArrayList<>();
    for (String prompt : prompts) {
      rows.add(contexts.get(prompt));
    }
    return stack(rows, tokens(), width());
  }

  /** Contexts one above the other, {@code [n, tokens, width]}. */
  public static Tensor stack(List<float[]> contexts, int tokens, int width) {
    int size = tokens * width;
    float[] joined = new float[contexts.size() * size];
    for (int n = 0; n < contexts.size(); n++) {
      System.arraycopy(contexts.get(n), 0, joined, n * size, size);
    }
    return Tensor.of("context", Shape.of(contexts.size(), tokens, width), joined);
  }
}
