// The protocol: two models, the same prompts and seeds, one judge.
package io.lethe.evaluate;

import io.lethe.LetheException;
import io.lethe.diffusion.Picture;
import io.lethe.diffusion.ProgressListener;
import io.lethe.evaluate.EvaluationPlan.Planned;
import java.util.ArrayList;
import java.util.List;

/** Draws what the plan asks for with the base and the edited model, and has it judged. */
public final class Evaluation {
  private final Judge judge;
  private final ScoreCache cache;
  private final int batch;

  /**
   * @param batch pictures drawn at a time; changes no figure beyond rounding
   */
  public Evaluation(Judge judge, ScoreCache cache, int batch) {
    if (batch < 1) {
      throw new LetheException("a batch of " + batch + " pictures");
    }
    this.judge = judge;
    this.cache = cache;
    this.batch = batch;
  }

  /**
   * @throws io.lethe.UserError if the plan names what is no label of the judge
   */
  public EvaluationResult run(
      Painter base, Painter erased, EvaluationPlan plan, ProgressListener progress) {
    List<ScoredPicture> baseRows =
        score(base, ScoredPicture.BASE, plan, progress, "judging the base model");
    List<ScoredPicture> erasedRows =
        score(erased, ScoredPicture.ERASED, plan, progress, "judging the erased model");
    return new EvaluationResult(
        plan,
        judge.id(),
        judge.labels(),
        base.hash(),
        erased.hash(),
        base.settings(),
        baseRows,
        erasedRows);
  }

  /**
   * The half of it: one model's pictures, judged.
   *
   * @param model {@link ScoredPicture#BASE} or {@link ScoredPicture#ERASED}
   * @param stage what progress is called
   * @return a row a picture, in the plan's order
   */
  public List<ScoredPicture> score(
      Painter painter, String model, EvaluationPlan plan, ProgressListener progress, String stage) {
    List<Planned> planned = plan.pictures(judge.labels());
    List<Planned> missing =
        planned.stream().filter(picture -> cache.get(key(painter, picture)) == null).toList();
    for (int from = 0; from < missing.size(); from += batch) {
      progress.progress(stage, from, missing.size());
      List<Planned> part = missing.subList(from, Math.min(from + batch, missing.size()));
      List<Ranking> rankings = judge(painter, part);
      for (int i = 0; i < part.size(); i++) {
        cache.put(key(painter, part.get(i)), rankings.get(i));
      }
    }
    progress.progress(stage, missing.size(), missing.size());
    List<ScoredPicture> rows = new ArrayList<>();
    for (Planned picture : planned) {
      Ranking ranking = cache.get(key(painter, picture));
      rows.add(
          new ScoredPicture(
              model,
              picture.concept(),
              picture.isErased(),
              plan.vocabulary().contains(picture.concept()),
              picture.form(),
              picture.prompt(),
              picture.seed(),
              picture.label(),
              ranking.rankOf(picture.label()),
              ranking));
    }
    return rows;
  }

  private List<Ranking> judge(Painter painter, List<Planned> part) {
    List<String> prompts = part.stream().map(Planned::prompt).toList();
    long[] seeds = part.stream().mapToLong(Planned::seed).toArray();
    List<Picture> pictures = painter.paint(prompts, seeds);
    List<Ranking> rankings = judge.rank(pictures);
    if (pictures.size() != part.size() || rankings.size() != part.size()) {
      throw new LetheException(
          "%d prompts gave %d pictures and %d rankings"
              .formatted(part.size(), pictures.size(), rankings.size()));
    }
    return rankings;
  }

  private ScoreCache.Key key(Painter painter, Planned picture) {
    return new ScoreCache.Key(
        painter.hash(), painter.settings(), judge.id(), picture.prompt(), picture.seed());
  }
}
