// How often a judge still sees a concept in what an edited model draws of it.
package io.lethe.erase;

import io.lethe.diffusion.GenerationRequest;
import io.lethe.diffusion.Picture;
import io.lethe.diffusion.Pipeline;
import io.lethe.diffusion.ProgressListener;
import io.lethe.evaluate.Judge;
import io.lethe.evaluate.PromptForms;
import io.lethe.evaluate.Ranking;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Draws under selection prompts and seeds, which no reported figure uses, a few pictures at a time,
 * and stops as soon as the answer cannot matter any more.
 */
final class ConceptDetection {
  /**
   * What was seen.
   *
   * @param detected pictures that show a concept
   * @param drawn pictures drawn
   * @param complete whether all were
   */
  record Seen(int detected, int drawn, boolean complete) {}

  /** Sampler steps of pictures that are drawn for training and selection. */
  static final int STEPS = 15;

  /** How many of the pictures an estimate of the cost counts for a look that fails. */
  static final int USUAL_LOOK = 4;

  /**
   * Pictures drawn before the judge first looks whether more are worth it; then as many again as
   * there are. Most looks fail on the first two.
   */
  private static final int FIRST_LOOK = 2;

  /** Seeds of selection start here; those of training pictures below, reported ones at 9000. */
  private static final long FIRST_SEED = 5000;

  private final Judge judge;
  private final PromptForms forms;
  private final int picturesPerConcept;
  private final int places;

  /**
   * @param places a concept counts as seen when it is among so many first labels
   */
  ConceptDetection(Judge judge, PromptForms forms, int picturesPerConcept, int places) {
    this.judge = judge;
    this.forms = forms;
    this.picturesPerConcept = picturesPerConcept;
    this.places = places;
  }

  /** The first of these concepts that the judge has no label for. */
  Optional<String> unknown(List<String> concepts) {
    return concepts.stream().filter(concept -> !judge.labels().contains(concept)).findFirst();
  }

  /** How many pictures a complete look draws. */
  int pictures(int concepts) {
    return picturesPerConcept * concepts;
  }

  /**
   * @param concepts each a label of the judge
   * @param hopeless from so many detections on, more pictures are not worth it
   */
  Seen look(List<String> concepts, Pipeline pipeline, IntPredicate hopeless) {
    int detected = 0;
    int drawn = 0;
    for (String concept : concepts) {
      int label = judge.labels().indexOf(concept);
      int count;
      for (int from = 0; from < picturesPerConcept; from += count) {
        count = Math.min(Math.max(FIRST_LOOK, from), picturesPerConcept - from);
        List<Picture> pictures =
            draw(pipeline, concept, count, from, forms, FIRST_SEED, ProgressListener.silent());
        for (Ranking ranking : judge.rank(pictures)) {
          detected += ranking.rankOf(label) <= places ? 1 : 0;
        }
        drawn += count;
        if (hopeless.test(detected)) {
          return new Seen(detected, drawn, false);
        }
      }
    }
    return new Seen(detected, drawn, true);
  }

  /** Pictures {@code from} to {@code from + count - 1} of a concept, forms and seeds in turn. */
  static List<Picture> draw(
      Pipeline pipeline,
      String concept,
      int count,
      int from,
      PromptForms forms,
      long firstSeed,
      ProgressListener progress) {
    List<String> prompts = new ArrayList<>();
    long[] seeds = new long[count];
    for (int i = 0; i < count; i++) {
      prompts.add(forms.prompt((from + i) % forms.count(), concept));
      seeds[i] = firstSeed + from + i;
    }
    int side = pipeline.defaultHeight();
    return pipeline.generate(
        new GenerationRequest(
            prompts, "", seeds, STEPS, pipeline.defaultGuidance(), "ddim", side, side),
        progress);
  }
}
