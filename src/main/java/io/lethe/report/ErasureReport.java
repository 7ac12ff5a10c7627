// The report on one erasure.
package io.lethe.report;

import io.lethe.UserError;
import io.lethe.evaluate.ClipJudge;
import io.lethe.evaluate.PipelinePainter.Drawing;
import io.lethe.report.ConceptLosses.Loss;
import io.lethe.report.Gallery.Look;
import io.lethe.report.Gallery.Shot;
import io.lethe.report.chart.LossChart;
import io.lethe.weights.Printable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One page that says whether a concept is gone, what that cost and how sure it is, and shows all
 * that lies behind: pictures, rates, damage, the search, the attack, the configuration, and what
 * was not looked at.
 */
public final class ErasureReport {
  /**
   * What the report is made from.
   *
   * @param model the edited model's folder, with its metrics.json
   * @param evaluation of that model
   * @param attack the folder that {@code lethe attack} wrote
   * @param synonyms other names of the concept to show
   * @param baseName what commands call the base model
   */
  public record Request(
      Path model,
      EvaluationFolder evaluation,
      Optional<Path> attack,
      List<String> synonyms,
      String baseName) {}

  /** The page's content; the template knows these names. */
  record Page(
      String title,
      String subtitle,
      String verb,
      String method,
      Verdict verdict,
      List<Highlight> highlights,
      Optional<Gallery> gallery,
      MetricTable metrics,
      boolean vocabulary,
      boolean usesVocabulary,
      Damage damage,
      ConceptTable concepts,
      JudgeView judge,
      List<Adversaries> adversaries,
      Optional<Chart> losses,
      Optional<AttackView> attack,
      List<Fact> edit,
      Optional<ReachView> reach,
      List<Omissions.Gap> omissions,
      List<Fact> configuration,
      List<Fact> evaluation,
      List<Fact> hashes,
      List<Fact> measured,
      List<String> notes,
      List<List<String>> commands) {}

  /** A chart that may be absent. */
  record Chart(String svg) {}

  /** A pair of pictures for the first screen. */
  record Highlight(String caption, boolean gone, Look before, Look after) {}

  private static final int HIGHLIGHTS = 2;

  private ErasureReport() {}

  /** The concepts that an edited model's metrics.json says were erased. */
  public static List<String> concepts(Path model) {
    return ErasureRecord.read(model).concepts();
  }

  /**
   * Draws what is to be shown and writes the page.
   *
   * @param pictures draws with both models; without it the page shows figures alone
   * @throws UserError if a file is missing or damaged, or the evaluation is of other models
   */
  public static void write(Path html, Request request, Optional<PictureSource> pictures) {
    ErasureRecord erasure = ErasureRecord.read(request.model());
    Page page;
    if (pictures.isEmpty()) {
      page = page(request, erasure, Optional.empty());
    } else {
      PictureSource source = pictures.get();
      Drawing drawing = source.drawing(request.evaluation().summary());
      page =
          source.with(
              source.basePainter(drawing),
              drawing,
              request.model(),
              studio -> page(request, erasure, Optional.of(studio)));
    }
    ReportPage.write(html, ReportPage.html("erasure", page));
  }

  static Page page(Request request, ErasureRecord erasure, Optional<Studio> studio) {
    EvaluationFolder evaluation = request.evaluation();
    requireSameModels(erasure, evaluation, studio);
    Optional<AttackRecord> attack = request.attack().map(AttackRecord::read);
    attack.ifPresent(found ->
        requireSame(
            "erased",
            found.modelHash(),
            evaluation.summary().path("erased_model").asString(""),
            "the attack",
            "the evaluation"));
    Optional<ClipJudge> judge = studio.map(Studio::judge);
    List<Loss> losses = ConceptLosses.of(evaluation, judge);
    Rates esr1 =
        MetricTable.rates(evaluation, JudgedPicture::isErased, 1, true)
            .orElseThrow(() ->
                new UserError("the evaluation has no picture of an erased concept to judge by"));
    Rates esr5 = MetricTable.rates(evaluation, JudgedPicture::isErased, 5, true).orElseThrow();
    boolean vocabulary = MetricTable.hasVocabulary(evaluation);
    Optional<Rates> unseen =
        vocabulary
            ? MetricTable.rates(
                evaluation, picture -> !picture.isErased() && !picture.known(), 1, false)
            : Optional.empty();
    Verdict verdict =
        Verdict.of(
            evaluation.erasedNames(),
            esr1,
            esr5,
            MetricTable.rates(evaluation, picture -> !picture.isErased(), 1, false),
            unseen,
            evaluation.keptNames().size(),
            losses.stream().filter(loss -> !loss.isErased() && loss.top1Loss() > 0).count(),
            JudgeView.hits(evaluation.base()),
            evaluation.base().size(),
            attack);
    long seed = evaluation.summary().path("seed").asLong(0);
    Optional<Gallery> gallery =
        studio.map(drawer ->
            Gallery.draw(
                drawer,
                evaluation.erasedNames(),
                evaluation.keptNames(),
                request.synonyms(),
                seed));
    String names = Words.list(evaluation.erasedNames());
    return new Page(
        names + ": " + verdict.word() + " (erasure report)",
        names,
        evaluation.erasedNames().size() == 1 ? "is" : "are",
        erasure.method().isEmpty() ? "an edit" : erasure.method(),
        verdict,
        gallery.map(ErasureReport::highlights).orElse(List.of()),
        gallery,
        MetricTable.of(evaluation),
        vocabulary,
        !erasure.wordWeights().isEmpty() || !erasure.preserve().isEmpty(),
        Damage.of(losses, studio),
        ConceptTable.of(losses, vocabulary),
        JudgeView.of(evaluation, losses),
        Adversaries.of(erasure),
        lossChart(erasure),
        attack.map(found -> AttackView.of(found, 1 - esr1.value())),
        Fact.ofEdit(erasure),
        ReachView.of(erasure),
        Omissions.of(attack, erasure.method()),
        Fact.ofErasure(erasure),
        Fact.ofEvaluation(evaluation.summary()),
        Fact.hashes(erasure, evaluation.summary()),
        Fact.measured(erasure.measured()),
        erasure.notes(),
        commands(request, erasure));
  }

  /** A report on one model with the figures of another would be worse than none. */
  private static void requireSameModels(
      ErasureRecord erasure, EvaluationFolder evaluation, Optional<Studio> studio) {
    String base = evaluation.summary().path("base").asString("");
    String erased = evaluation.summary().path("erased_model").asString("");
    requireSame("base", erasure.baseHash(), base, "metrics.json", "the evaluation");
    requireSame("erased", erasure.erasedHash(), erased, "metrics.json", "the evaluation");
    studio.ifPresent(drawer -> {
      String ownBase = drawer.base().hash();
      String ownErased = drawer.erased().hash();
      requireSame("base", Optional.of(ownBase), base, "the folder given", "the evaluation");
      requireSame("erased", Optional.of(ownErased), erased, "the folder given", "the evaluation");
    });
  }

  private static void requireSame(
      String model, Optional<String> one, String other, String where, String elsewhere) {
    if (one.isPresent() && !other.isEmpty() && !one.get().equals(other)) {
      throw new UserError(
          "these are not the same models: the %s model of %s has the hash %s, that of %s %s"
              .formatted(
                  model, where, Printable.quote(one.get()), elsewhere, Printable.quote(other)));
    }
  }

  /** Two pairs of the concept and two of its neighbours. */
  private static List<Highlight> highlights(Gallery gallery) {
    List<Highlight> highlights = new ArrayList<>();
    Gallery.Card concept = gallery.groups().getFirst().cards().getFirst();
    for (Shot shot : concept.shots().subList(0, Math.min(HIGHLIGHTS, concept.shots().size()))) {
      highlights.add(new Highlight(concept.prompt(), true, shot.before(), shot.after()));
    }
    for (Gallery.Group group : gallery.groups()) {
      if (group.heading().equals(Gallery.NEIGHBOURS)) {
        for (Gallery.Card card :
            group.cards().subList(0, Math.min(HIGHLIGHTS, group.cards().size()))) {
          Shot shot = card.shots().getFirst();
          highlights.add(new Highlight(card.prompt(), false, shot.before(), shot.after()));
        }
      }
    }
    return highlights;
  }

  private static Optional<Chart> lossChart(ErasureRecord erasure) {
    return erasure.losses().isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Chart(
                LossChart.draw(
                    erasure.losses(), "The training\u2019s losses, step by step, smoothed.")));
  }

  private static List<List<String>> commands(Request request, ErasureRecord erasure) {
    Path name = request.model().toAbsolutePath().normalize().getFileName();
    String out = name == null ? "edited" : name.toString();
    return List.of(
        ShellCommand.erase(erasure, request.baseName(), out).lines(),
        EvaluationCommand.of(request.evaluation(), out, request.baseName(), "scores").lines(),
        new ShellCommand("lethe", "report")
            .option("--model", out)
            .option("--base", request.baseName())
            .option("--evaluation", "scores")
            .option("--out", "report.html")
            .lines());
  }
}
