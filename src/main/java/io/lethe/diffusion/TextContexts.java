// Prompts as the UNet sees them, each encoded once.
package io.lethe.diffusion;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.backend.Backend;
import io.lethe.model.clip.ClipTextModel;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import io.lethe.text.ClipTokenizer;
import io.lethe.text.Encoding;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Contexts {@code [tokens, width]} by prompt, cached, and their first rows where these suffice. The
 * text encoder must not change meanwhile. The same prompt has the same bytes however it was asked
 * for: alone or with others, whole or in part, encoded now or read from the user's cache.
 */
public final class TextContexts {
  /** What is kept of a prompt: its tokens and the first rows of its context. */
  private record Known(Encoding encoding, float[] rows) {}

  /** Work from which reading or writing a file pays: a few seconds. */
  private static final long WORTH_KEEPING = 500_000_000_000L;

  /** Its first rows tell one encoder, and one set of kernels, from another. */
  private static final String PROBE = "a photo of an astronaut riding a horse on the moon";

  private static final int PROBE_ROWS = 8;

  private final ClipTokenizer tokenizer;
  private final ClipTextModel textEncoder;
  private final ContextEncoder encoder;
  private final StoreOpener opener;
  private final long worthKeeping;
  private final Map<String, Known> contexts = new HashMap<>();
  private final List<String> notes = new ArrayList<>();
  private Optional<ContextStore> store;
  private float[][] probe;
  private long nanos;

  /** Opens the store when it is first needed, since that reads the encoder's files. */
  @FunctionalInterface
  interface StoreOpener {
    Optional<ContextStore> open();
  }

  /** Contexts of any encoder, kept in memory alone. */
  public TextContexts(Backend backend, ClipTokenizer tokenizer, ClipTextModel textEncoder) {
    this(backend, tokenizer, textEncoder, Optional::empty, WORTH_KEEPING);
  }

  /**
   * @param worthKeeping operations of the encoder from which the store is asked
   */
  TextContexts(
      Backend backend,
      ClipTokenizer tokenizer,
      ClipTextModel textEncoder,
      StoreOpener opener,
      long worthKeeping) {
    this.tokenizer = tokenizer;
    this.textEncoder = textEncoder;
    this.encoder = new ContextEncoder(backend, textEncoder);
    this.opener = opener;
    this.worthKeeping = worthKeeping;
  }

  /**
   * Contexts of a model's own encoder, those of large vocabularies kept between runs in the user's
   * cache folder ({@link io.lethe.weights.CacheFolder}).
   */
  public static TextContexts of(Backend backend, DiffusionModel model) {
    return new TextContexts(
        backend,
        model.tokenizer(),
        model.textEncoder(),
        () -> ContextStore.ofUser(model, backend),
        WORTH_KEEPING);
  }

  /** Tokens in a context. */
  public int tokens() {
    return textEncoder.config().maxPositionEmbeddings();
  }

  /** Numbers for each token. */
  public int width() {
    return textEncoder.config().hiddenSize();
  }

  /** How long encoding and reading took so far. */
  public double seconds() {
    return nanos / 1e9;
  }

  /** What went wrong with the files of the cache, without harm to the result. */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /** Encodes what is not known yet, in batches. */
  public void prepare(Collection<String> prompts) {
    prepare(prompts, ContextReach.WHOLE);
  }

  /** Encodes what is not known yet so far. */
  public void prepare(Collection<String> prompts, ContextReach reach) {
    Map<String, Encoding> missing = new LinkedHashMap<>();
    Map<IntBuffer, Integer> wanted = new LinkedHashMap<>(); // several spellings may be one text
    long rows = 0;
    for (String prompt : new LinkedHashSet<>(prompts)) {
      Known known = contexts.get(prompt);
      Encoding encoding = known == null ? tokenizer.encode(prompt) : known.encoding();
      int count = reach.rows(encoding);
      if (known == null || known.rows().length < count * width()) {
        missing.put(prompt, encoding);
        rows += wanted.put(IntBuffer.wrap(encoding.ids()), count) == null ? count : 0;
      }
    }
    if (missing.isEmpty()) {
      return;
    }
    long start = System.nanoTime();
    Map<IntBuffer, float[]> found = find(wanted, rows);
    nanos += System.nanoTime() - start;
    missing.forEach((prompt, encoding) ->
        contexts.put(prompt, new Known(encoding, found.get(IntBuffer.wrap(encoding.ids())))));
  }

  /** Reads what is stored, encodes the rest, and stores it where that pays. */
  private Map<IntBuffer, float[]> find(Map<IntBuffer, Integer> wanted, long rows) {
    Map<IntBuffer, float[]> found = new HashMap<>();
    ContextStore kept = encoder.flops(rows) < worthKeeping ? null : store().orElse(null);
    if (kept != null) {
      found.putAll(kept.read(wanted, tokens(), probe()));
    }
    Map<IntBuffer, float[]> encoded = new LinkedHashMap<>();
    List<ContextEncoder.Text> texts = new ArrayList<>();
    long left = 0;
    for (Map.Entry<IntBuffer, Integer> text : wanted.entrySet()) {
      if (!found.containsKey(text.getKey())) {
        texts.add(new ContextEncoder.Text(text.getKey().array(), text.getValue()));
        left += text.getValue();
      }
    }
    float[][] states = encoder.encode(texts);
    for (int i = 0; i < states.length; i++) {
      encoded.put(IntBuffer.wrap(texts.get(i).ids()), states[i]);
    }
    if (kept != null && encoder.flops(left) >= worthKeeping) {
      try {
        kept.add(encoded, tokens(), probe());
      } catch (UserError failure) {
        notes.add("contexts were not kept for the next run: " + failure.getMessage());
      }
    }
    found.putAll(encoded);
    return found;
  }

  private Optional<ContextStore> store() {
    if (store == null) {
      store = opener.open();
    }
    return store;
  }

  /** Some rows of a fixed text, from the encoder itself. */
  private float[][] probe() {
    if (probe == null) {
      int[] ids = tokenizer.encode(PROBE).ids();
      int rows = Math.min(PROBE_ROWS, ids.length);
      float[] states = encoder.encode(List.of(new ContextEncoder.Text(ids, rows)))[0];
      probe = new float[rows][];
      for (int i = 0; i < rows; i++) {
        probe[i] = Arrays.copyOfRange(states, i * width(), (i + 1) * width());
      }
    }
    return probe;
  }

  /**
   * The context {@code [tokens * width]} of one prompt. The array is shared: do not write to it.
   */
  public float[] get(String prompt) {
    return rows(prompt, ContextReach.WHOLE);
  }

  /**
   * The first rows {@code [n * width]} of one prompt's context. The array may be shared: do not
   * write to it.
   */
  public float[] rows(String prompt, ContextReach reach) {
    prepare(List.of(prompt), reach);
    Known known = contexts.get(prompt);
    int size = reach.rows(known.encoding()) * width();
    return known.rows().length == size ? known.rows() : Arrays.copyOf(known.rows(), size);
  }

  /**
   * The row {@code [width]} of the last token of the text itself; of a blank text the start
   * token's.
   */
  public float[] lastContent(String prompt) {
    float[] rows = rows(prompt, ContextReach.CONTENT);
    return Arrays.copyOfRange(rows, rows.length - width(), rows.length);
  }

  /**
   * Lets a prompt stand for a context that no text has, such as one that an attack has learned.
   *
   * @param context {@code [tokens * width]}; kept, not copied
   */
  public void put(String prompt, float[] context) {
    if (context.length != tokens() * width()) {
      throw new LetheException(
          context.length + " numbers are no context of " + tokens() + " x " + width());
    }
    contexts.put(prompt, new Known(tokenizer.encode(prompt), context));
  }

  /** One tensor {@code [n, tokens, width]} of several prompts. */
  public Tensor batch(List<String> prompts) {
    prepare(prompts);
    List<float[]> rows = new ArrayList<>();
    for (String prompt : prompts) {
      rows.add(get(prompt));
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
