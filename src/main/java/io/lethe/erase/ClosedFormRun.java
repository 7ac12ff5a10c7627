// What every closed-form eraser works with: projections, embeddings, words to look at.
package io.lethe.erase;

import io.lethe.diffusion.RandomStreams;
import io.lethe.diffusion.TextContexts;
import io.lethe.erase.closed.CrossAttentionEdit;
import io.lethe.erase.closed.EmbeddedText;
import io.lethe.erase.closed.EncodedTexts;
import io.lethe.erase.closed.Projections;
import io.lethe.erase.closed.TextEmbeddings;
import io.lethe.erase.dense.Matrix;
import io.lethe.erase.dense.Products;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The parts of one run that do not depend on the method. */
final class ClosedFormRun {
  /** Encoding thousands of words for a report alone would cost more than the edit. */
  private static final int REPORTED_WORDS_FULL_SIZE = 100;

  private final ErasureRun run;
  private final boolean reach;
  private final Projections projections;
  private final TextContexts contexts;
  private final TextEmbeddings texts;
  private Matrix empty;
  private final long start = System.nanoTime();
  private double editSeconds;

  /**
   * @param reach whether the report has the bound on what single embeddings can bring back
   * @param equalLayers whether every projection counts as much, and not by its size
   */
  ClosedFormRun(ErasureRun run, boolean reach, boolean equalLayers) {
    this.run = run;
    this.reach = reach;
    this.projections =
        Projections.of(run.base().folder().weights("unet"), run.backend().parallel(), equalLayers);
    this.contexts = TextContexts.of(run.backend(), run.base());
    this.texts = new EncodedTexts(run.base().tokenizer(), contexts);
  }

  ErasureRun run() {
    return run;
  }

  Projections projections() {
    return projections;
  }

  TextEmbeddings texts() {
    return texts;
  }

  /** What the texts are read from: single precision, any reach. */
  TextContexts contexts() {
    return contexts;
  }

  Products products() {
    return projections.products();
  }

  /** Every word to protect: those named, and the vocabulary but for what is erased. */
  List<String> words() {
    Set<String> words = new LinkedHashSet<>(run.request().preserve());
    if (run.request().vocabulary() != null) {
      words.addAll(run.request().vocabulary().without(run.request().concepts()).words());
    }
    return new ArrayList<>(words);
  }

  /** The words whose damage is reported. */
  List<String> reportedWords() {
    List<String> words = words();
    return run.isFullSize()
        ? words.subList(0, Math.min(words.size(), REPORTED_WORDS_FULL_SIZE))
        : words;
  }

  /**
   * A word as it is measured: all rows of its prompt in a small model; at full size those up to its
   * end token, which the padding resembles, since encoding 77 positions of thousands of words takes
   * longer than everything else.
   */
  EmbeddedText word(String prompt) {
    return run.isFullSize() ? texts.upToEnd(prompt) : texts.of(prompt);
  }

  /** Announces prompts that {@link #word} will be asked for. */
  void prepareWords(List<String> prompts) {
    if (run.isFullSize()) {
      texts.prepareToEnd(prompts);
    } else {
      texts.prepare(prompts);
    }
  }

  /**
   * What invented words are, {@code [width, width]}: the mean of {@code X^T X} over their rows X,
   * divided by the energy by which each differs from the empty prompt, as those of words are.
   */
  Matrix invented(int count) {
    List<String> words =
        UsualText.invented(
                count,
                run.request().concepts(),
                run.base().tokenizer(),
                new RandomStreams(run.request().seed()))
            .words();
    prepareWords(words);
    int width = texts.of("").rows().columns();
    List<Matrix> rows = words.stream().map(word -> word(word).rows()).toList();
    double[] energies = projections.energies(rows.stream().map(this::fromEmpty).toList());
    Matrix sum = Matrix.zeros(width, width);
    for (int j = 0; j < energies.length; j++) {
      products().addGram(rows.get(j).times(1 / Math.sqrt(energies[j] * energies.length)), sum);
    }
    return sum;
  }

  /** How the rows of a word differ from the empty prompt's. */
  Matrix fromEmpty(Matrix rows) {
    if (empty == null) {
      empty = texts.of("").rows();
    }
    return rows.minus(empty.rows(0, rows.rows()));
  }

  /** The new weights are there; what follows is their account. */
  void edited() {
    editSeconds = sinceStart() - contexts.seconds();
  }

  private double sinceStart() {
    return (System.nanoTime() - start) / 1e9;
  }

  /** What was spent so far: by the text encoder, from embeddings to new weights, on the account. */
  Map<String, Double> seconds() {
    double encoding = contexts.seconds();
    Map<String, Double> stages = new LinkedHashMap<>();
    stages.put("embeddings", encoding);
    stages.put("edit", editSeconds);
    stages.put("account", sinceStart() - encoding - editSeconds);
    return stages;
  }

  /** Starts the account of an edit. */
  ClosedFormReport report(String method, CrossAttentionEdit edit) {
    ClosedFormReport report = new ClosedFormReport(this, method, edit);
    return reach ? report.reach() : report;
  }
}
