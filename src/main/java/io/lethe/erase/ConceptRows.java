// The concept and its guide in all prompt forms, row by row.
package io.lethe.erase;

import io.lethe.erase.closed.EmbeddedText;
import io.lethe.erase.closed.TextEmbeddings;
import io.lethe.erase.dense.Matrix;
import io.lethe.evaluate.PromptForms;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Every row of the padded prompts, so that the padding, which the model reads as well, is edited
 * too.
 *
 * @param concepts {@code [concepts * forms * tokens, width]}
 * @param guides the same prompts with the guide in the concept's place, or without its name
 */
record ConceptRows(Matrix concepts, Matrix guides) {
  static ConceptRows of(
      TextEmbeddings texts, List<String> concepts, PromptForms forms, Optional<String> guide) {
    List<Matrix> from = new ArrayList<>();
    List<Matrix> to = new ArrayList<>();
    for (String concept : concepts) {
      for (int form = 0; form < forms.count(); form++) {
        EmbeddedText prompt = texts.of(forms.prompt(form, concept));
        from.add(prompt.rows());
        to.add(texts.of(forms.prompt(form, guide.orElse("")).strip()).rows());
      }
    }
    int width = from.getFirst().columns();
    return new ConceptRows(Matrix.stack(from, width), Matrix.stack(to, width));
  }

  /** Where each row shall move. */
  Matrix moves() {
    return guides.minus(concepts);
  }
}
