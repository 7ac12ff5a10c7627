// Which pictures an evaluation asks for.
package io.lethe.evaluate;

import io.lethe.UserError;
import io.lethe.weights.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Concepts, prompt forms, counts and seeds.
 *
 * <p>Picture {@code j} of the label at place {@code L} of the judge's list has the form {@code (L +
 * j) mod forms} and the seed {@code seed + 1000 L + j}. So a picture depends on its concept alone
 * and not on what else is evaluated, and all forms take part even with few pictures a concept.
 *
 * @param erased names that should be gone
 * @param kept names that should still be drawn
 * @param vocabulary names that the eraser was allowed to use; PSR on the others is told apart
 * @param images pictures of each erased name
 * @param keptImages pictures of each kept name
 * @param seed the first seed, disjoint from any that training used
 */
public record EvaluationPlan(
    List<String> erased,
    List<String> kept,
    Set<String> vocabulary,
    PromptForms forms,
    int images,
    int keptImages,
    long seed) {
  static final int SEEDS_A_LABEL = 1000;

  /**
   * One picture to draw.
   *
   * @param label the concept's place among the judge's labels
   * @param form which prompt form, from 0
   */
  public record Planned(
      int label, String concept, boolean isErased, int form, String prompt, long seed) {}

  /**
   * @throws UserError if a name stands on both sides, or a count is out of range
   */
  public EvaluationPlan {
    erased = List.copyOf(erased);
    kept = List.copyOf(kept);
    vocabulary = Set.copyOf(vocabulary);
    if (erased.isEmpty() && kept.isEmpty()) {
      throw new UserError("there is nothing to evaluate: name erased or kept concepts");
    }
    for (String name : erased) {
      if (kept.contains(name)) {
        throw new UserError("the concept " + Printable.quote(name) + " is both erased and kept");
      }
    }
    requireCount("pictures of each erased concept", images);
    requireCount("pictures of each kept concept", keptImages);
  }

  private static void requireCount(String what, int count) {
    if (count < 1 || count > SEEDS_A_LABEL) {
      throw new UserError("%s: %d is not between 1 and %d".formatted(what, count, SEEDS_A_LABEL));
    }
  }

  /** Every picture, erased concepts first. @throws UserError if a name is no label */
  public List<Planned> pictures(List<String> labels) {
    List<Planned> pictures = new ArrayList<>();
    erased.forEach(name -> add(pictures, labels, name, true, images));
    kept.forEach(name -> add(pictures, labels, name, false, keptImages));
    return pictures;
  }

  private void add(
      List<Planned> pictures, List<String> labels, String name, boolean isErased, int count) {
    int label = labels.indexOf(name);
    if (label < 0) {
      throw new UserError(
          "the judge has no label "
              + Printable.quote(name)
              + Suggestion.among(labels, name)
              + "; every evaluated name must be one, so add it with --labels FILE");
    }
    for (int j = 0; j < count; j++) {
      int form = (label + j) % forms.count();
      long itsSeed = seed + (long) SEEDS_A_LABEL * label + j;
      pictures.add(new Planned(label, name, isErased, form, forms.prompt(form, name), itsSeed));
    }
  }
}
