// A judge that needs no training: CLIP's likeness of a picture to the sentence that names a label.
package io.lethe.evaluate;

import io.lethe.UserError;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.backend.Backend;
import io.lethe.diffusion.Picture;
import io.lethe.model.clip.ClipConfig;
import io.lethe.model.clip.ClipModel;
import io.lethe.nn.ParameterStore;
import io.lethe.tensor.Buffer;
import io.lethe.tensor.DType;
import io.lethe.tensor.Scope;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import io.lethe.text.ClipTokenizer;
import io.lethe.text.Encoding;
import io.lethe.weights.ComponentConfig;
import io.lethe.weights.ModelFolder;
import io.lethe.weights.Printable;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * Zero-shot classification (Radford et al. 2021): the cosine of the picture's embedding with that
 * of each label's sentence; {@code exp(logit_scale)} times it is the logit.
 */
public final class ClipJudge implements Judge {
  private static final String EMOJI_SENTENCE = "an emoji of a {}";
  private static final String PHOTO_SENTENCE = "a photo of a {}";
  private static final int BATCH = 32;
  private static final int CHANNELS = 3;

  private final Backend backend;
  private final ClipModel model;
  private final ClipImageProcessing processing;
  private final List<String> labels;
  private final float[][] textEmbeddings;
  private final double scale;
  private final String id;

  private ClipJudge(
      Backend backend,
      ClipModel model,
      ClipImageProcessing processing,
      List<String> labels,
      float[][] textEmbeddings,
      String id) {
    this.backend = backend;
    this.model = model;
    this.processing = processing;
    this.labels = labels;
    this.textEmbeddings = textEmbeddings;
    this.id = id;
    double[] logarithm = new double[1];
    read(model.parameters().root().get("logit_scale").data(), logarithm);
    this.scale = Math.exp(logarithm[0]);
  }

  /**
   * Opens a CLIP model and embeds the labels' sentences.
   *
   * @param folder config.json, weights, vocab.json, merges.txt, preprocessor_config.json
   * @param given the labels to rank among; empty: every name of the folder's concepts.json
   * @param arena shared, since the backend's threads read the mapped weights; the judge works until
   *     it closes
   * @throws UserError if the folder holds no CLIP model, or there are no labels, or one twice
   */
  public static ClipJudge open(Path folder, List<String> given, Backend backend, Arena arena) {
    ModelFolder files = ModelFolder.open(folder, arena);
    files.require("clip", "CLIPModel");
    Optional<ConceptList> concepts = ConceptList.ofFolder(folder);
    List<String> labels = given.isEmpty() ? ownLabels(folder, concepts) : List.copyOf(given);
    requireDistinct(labels);
    files.weights("clip").requireFinite();
    ComponentConfig json = files.config("clip");
    ClipConfig config = ClipConfig.from(json);
    json.finish();
    ParameterStore store =
        new ParameterStore(backend.computeType(), (name, shape) -> files.weights("clip").get(name));
    ClipModel model = new ClipModel(config, store);
    ClipTokenizer tokenizer =
        ClipTokenizer.load(files.tokenizerFolder(), config.text().maxPositionEmbeddings());
    String sentence = concepts.isPresent() ? EMOJI_SENTENCE : PHOTO_SENTENCE;
    float[][] embeddings = embedSentences(model, tokenizer, backend, sentence, labels);
    ClipImageProcessing processing =
        ClipImageProcessing.ofFolder(folder, config.vision().imageSize());
    String id = folder.toAbsolutePath().normalize().getFileName() + " sha256:" + files.hash();
    return new ClipJudge(backend, model, processing, labels, embeddings, id);
  }

  private static List<String> ownLabels(Path folder, Optional<ConceptList> concepts) {
    return concepts
        .orElseThrow(() ->
            new UserError(
                "the judge "
                    + Printable.quote(folder.toString())
                    + " has no concepts.json; name its labels with --labels FILE, one a line"))
        .names();
  }

  private static void requireDistinct(List<String> labels) {
    HashSet<String> seen = new HashSet<>();
    for (String label : labels) {
      if (!seen.add(label)) {
        throw new UserError("the label " + Printable.quote(label) + " is given twice");
      }
    }
    if (labels.size() < 2) {
      throw new UserError("a judge needs at least two labels to rank among");
    }
  }

  private static float[][] embedSentences(
      ClipModel model,
      ClipTokenizer tokenizer,
      Backend backend,
      String sentence,
      List<String> labels) {
    float[][] embeddings = new float[labels.size()][];
    try (Scope all = Scope.root("judge.text", backend.computeType())) {
      for (int from = 0; from < labels.size(); from += BATCH) {
        int count = Math.min(BATCH, labels.size() - from);
        int[][] ids = new int[count][];
        for (int i = 0; i < count; i++) {
          String label = labels.get(from + i);
          Encoding encoding = tokenizer.encode(PromptForms.fill(sentence, label));
          if (encoding.isCut()) {
            throw new UserError("the label " + Printable.quote(label) + " is too long");
          }
          ids[i] = encoding.ids();
        }
        try (Scope scope = all.child("batch")) {
          Tape tape = Tape.noGrad(backend, scope);
          copyRows(tape.block(() -> model.textEmbeds(tape, ids)), embeddings, from);
        }
      }
    }
    return embeddings;
  }

  @Override
  public List<String> labels() {
    return labels;
  }

  @Override
  public String id() {
    return id;
  }

  /** What a cosine is multiplied by to make a logit. */
  public double scale() {
    return scale;
  }

  /** The normalised embedding of each label's sentence, {@code [labels][projection]}. */
  float[][] textEmbeddings() {
    return textEmbeddings;
  }

  /** Cosine of two labels' sentences: how near the judge holds their meanings to be. */
  public double likeness(int label, int other) {
    return dot(textEmbeddings[label], textEmbeddings[other]);
  }

  @Override
  public List<Ranking> rank(List<Picture> pictures) {
    List<Ranking> rankings = new ArrayList<>();
    for (float[] picture : imageEmbeddings(pictures)) {
      float[] likeness = new float[labels.size()];
      for (int label = 0; label < likeness.length; label++) {
        likeness[label] = (float) dot(picture, textEmbeddings[label]);
      }
      rankings.add(new Ranking(likeness, scale));
    }
    return rankings;
  }

  /** The normalised embedding of each picture, {@code [pictures][projection]}. */
  float[][] imageEmbeddings(List<Picture> pictures) {
    int size = model.visionModel().config().imageSize();
    int floats = size * size * CHANNELS;
    float[][] embeddings = new float[pictures.size()][];
    try (Scope all = Scope.root("judge.pictures", backend.computeType())) {
      for (int from = 0; from < pictures.size(); from += BATCH) {
        int count = Math.min(BATCH, pictures.size() - from);
        try (Scope scope = all.child("batch")) {
          Tape tape = Tape.noGrad(backend, scope);
          Shape shape = Shape.of(count, (long) size * size, CHANNELS);
          Tensor pixels = scope.allocate("pixel_values", shape);
          for (int i = 0; i < count; i++) {
            float[] values = processing.pixelValues(pictures.get(from + i), size);
            write(pixels, i * floats, values);
          }
          Value input = Value.constant(pixels);
          copyRows(tape.block(() -> model.imageEmbeds(tape, input)), embeddings, from);
        }
      }
    }
    return embeddings;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  private static void copyRows(Value rows, float[][] target, int from) {
    int width = rows.data().shape().dim(-1);
    double[] all = new double[rows.data().size()];
    read(rows.data(), all);
    for (int row = 0; row * width < all.length; row++) {
      target[from + row] = new float[width];
      for (int i = 0; i < width; i++) {
        target[from + row][i] = (float) all[row * width + i];
      }
    }
  }

  private static void read(Tensor tensor, double[] target) {
    if (tensor.buffer() instanceof Buffer.Doubles(double[] array)) {
      System.arraycopy(array, 0, target, 0, target.length);
      return;
    }
    float[] array = tensor.floats();
    for (int i = 0; i < target.length; i++) {
      target[i] = array[i];
    }
  }

  private static void write(Tensor tensor, int at, float[] values) {
    if (tensor.dtype() == DType.F32) {
      System.arraycopy(values, 0, tensor.floats(), at, values.length);
      return;
    }
    double[] array = tensor.doubles();
    for (int i = 0; i < values.length; i++) {
      array[at + i] = values[i];
    }
  }
}
