// The words that an adversarial closed-form eraser protects, and those it must not.
package io.lethe.erase;

import io.lethe.erase.closed.TextEmbeddings;
import io.lethe.erase.closed.WordRows;
import io.lethe.erase.dense.Matrix;
import io.lethe.evaluate.PromptForms;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Words that mean the erased concept would be the worst-hurt words, and would stop the erasure.
 * Three kinds are left out: those that share a whole word with it (the request's vocabulary sees to
 * that), those that the user names, and those whose last content token lies nearer to the concept's
 * than the concept does to itself in another prompt form.
 *
 * @param rows of the words that remain
 * @param near those left out for being near
 */
record ProtectedWords(WordRows rows, List<String> near) {
  static ProtectedWords of(
      ClosedFormRun run,
      PromptForms conceptForms,
      PromptForms wordForms,
      Set<String> excluded,
      int rank) {
    List<String> words = new ArrayList<>(run.words());
    words.removeAll(excluded);
    List<String> prompts = new ArrayList<>();
    for (String word : words) {
      for (int form = 0; form < wordForms.count(); form++) {
        prompts.add(wordForms.prompt(form, word));
      }
    }
    run.prepareWords(prompts);
    run.prepareWords(words);
    Set<String> near = near(run, conceptForms, words);
    words.removeAll(near);
    List<Matrix> embeddings = new ArrayList<>();
    List<Matrix> fromEmpty = new ArrayList<>();
    for (String word : words) {
      List<Matrix> rows = new ArrayList<>();
      List<Matrix> differences = new ArrayList<>();
      for (int form = 0; form < wordForms.count(); form++) {
        Matrix own = run.word(wordForms.prompt(form, word)).rows();
        rows.add(own);
        differences.add(run.fromEmpty(own));
      }
      embeddings.add(Matrix.stack(rows, rows.getFirst().columns()));
      fromEmpty.add(Matrix.stack(differences, rows.getFirst().columns()));
    }
    double[] energies = run.projections().energies(fromEmpty);
    return new ProtectedWords(
        WordRows.of(words, embeddings, energies, rank, run.projections().threads()),
        List.copyOf(near));
  }

  private static Set<String> near(ClosedFormRun run, PromptForms forms, List<String> words) {
    TextEmbeddings texts = run.texts();
    Set<String> near = new TreeSet<>();
    for (String concept : run.run().request().concepts()) {
      Matrix own = texts.of(concept).last();
      double paraphrase = Double.POSITIVE_INFINITY;
      for (int form = 0; form < forms.count(); form++) {
        String prompt = forms.prompt(form, concept);
        if (!prompt.equals(concept)) {
          paraphrase = Math.min(paraphrase, texts.of(prompt).last().minus(own).norm());
        }
      }
      for (String word : words) {
        if (paraphrase < Double.POSITIVE_INFINITY
            && run.word(word).last().minus(own).norm() < paraphrase) {
          near.add(word);
        }
      }
    }
    return near;
  }
}
