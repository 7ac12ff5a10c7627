// Whoever draws for a report: a base model, an edited one, one set of settings, and the judge.
package io.lethe.report;

import io.lethe.diffusion.Picture;
import io.lethe.diffusion.ProgressListener;
import io.lethe.evaluate.ClipJudge;
import io.lethe.evaluate.Painter;
import io.lethe.evaluate.PromptForms;
import io.lethe.evaluate.Ranking;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws and judges pictures from prompts and seeds.
 *
 * @param base the model before the edit
 * @param erased the edited model
 * @param judge whose verdict stands under each picture
 * @param forms the sentences in which names are asked for
 * @param batch pictures drawn at a time
 */
record Studio(
    Painter base,
    Painter erased,
    ClipJudge judge,
    PromptForms forms,
    int batch,
    ProgressListener progress) {

  /** A picture to draw. */
  record Wish(String prompt, long seed) {}

  /** What came of it. */
  record Drawn(Picture picture, String seen, double probability) {}

  /** One picture a wish, in order. */
  List<Drawn> draw(Painter painter, List<Wish> wishes, String stage) {
    List<Drawn> drawn = new ArrayList<>();
    for (int from = 0; from < wishes.size(); from += batch) {
      progress.progress(stage, from, wishes.size());
      List<Wish> part = wishes.subList(from, Math.min(from + batch, wishes.size()));
      List<Picture> pictures =
          painter.paint(
              part.stream().map(Wish::prompt).toList(),
              part.stream().mapToLong(Wish::seed).toArray());
      List<Ranking> rankings = judge.rank(pictures);
      for (int i = 0; i < part.size(); i++) {
        int first = rankings.get(i).top(1)[0];
        drawn.add(
            new Drawn(
                pictures.get(i), judge.labels().get(first), rankings.get(i).probability(first)));
      }
    }
    progress.progress(stage, wishes.size(), wishes.size());
    return drawn;
  }
}
