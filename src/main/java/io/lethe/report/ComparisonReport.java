// The report on a comparison of methods.
package io.lethe.report;

import io.lethe.UserError;
import io.lethe.evaluate.ClipJudge;
import io.lethe.report.ComparisonFolder.Cell;
import io.lethe.report.ConceptLosses.Loss;
import io.lethe.report.ErasureReport.Chart;
import io.lethe.report.chart.DamageScatter;
import io.lethe.report.chart.ParetoChart;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * One page on a grid of method, concept and seed: who pays least for being rid of a concept, and
 * everything that this rests on.
 */
public final class ComparisonReport {
  /** The page's content; the template knows these names. */
  record Page(
      String title,
      String scope,
      ComparisonVerdict verdict,
      Chart pareto,
      List<MethodLine> methods,
      BaseLine base,
      List<String> withoutFigures,
      boolean exact,
      boolean vocabulary,
      boolean attacked,
      List<DifferenceLine> differences,
      String leader,
      ConceptMatrix matrix,
      Optional<ComparisonGallery> gallery,
      List<ComparisonGallery.LeftSheet> left,
      List<Chart> damage,
      List<CellTables.CellAdversaries> adversaries,
      List<CellTables.AttackLine> attacks,
      List<CellTables.ReachLine> reach,
      List<String> limits,
      List<CellTables.CellLine> cells,
      JudgeView judge,
      List<Omissions.Gap> omissions,
      List<Fact> configuration,
      List<Fact> evaluation,
      List<Fact> hashes,
      List<List<String>> commands) {}

  /** A method's figures, as text. */
  record MethodLine(
      String name,
      int series,
      String cells,
      MetricTable.Line esr1,
      MetricTable.Line esr5,
      MetricTable.Line psr1,
      MetricTable.Line psr5,
      Optional<MetricTable.Line> known,
      Optional<MetricTable.Line> unseen,
      String attack,
      String seconds,
      String passes) {}

  /** The base model, judged over the pictures of all cells. */
  record BaseLine(
      String esr1, String esr5, String psr1, String psr5, String known, String unseen) {}

  record DifferenceLine(String name, String erased, String kept, String pairs, String reading) {}

  private ComparisonReport() {}

  /**
   * Writes the page from what lies in the folder, without drawing.
   *
   * @param comparison the folder that {@code lethe compare} wrote
   * @throws UserError if it is none, or a file in it is damaged, or nothing in it was judged
   */
  public static void write(Path comparison, Path html) {
    write(comparison, html, Optional.empty());
  }

  /**
   * Writes the page.
   *
   * @param pictures draws with the cells' models where they still exist; its judge tells distances
   */
  public static void write(Path comparison, Path html, Optional<PictureSource> pictures) {
    ReportPage.write(
        html, ReportPage.html("comparison", page(ComparisonFolder.read(comparison), pictures)));
  }

  static Page page(ComparisonFolder comparison, Optional<PictureSource> pictures) {
    List<MethodFigures> methods = new ArrayList<>();
    List<String> without = new ArrayList<>();
    for (String method : comparison.methods()) {
      Optional<MethodFigures> figures = MethodFigures.of(comparison, method);
      figures.ifPresentOrElse(methods::add, () -> without.add(Words.name(method)));
    }
    if (methods.isEmpty()) {
      throw new UserError("no cell of the comparison was judged; there is nothing to report");
    }
    Optional<ClipJudge> judge = pictures.map(PictureSource::judge);
    MethodFigures leader =
        methods.stream().max(Comparator.comparingDouble(MethodFigures::balance)).orElseThrow();
    EvaluationFolder pooled = pooled(methods);
    boolean vocabulary = methods.stream().allMatch(method -> method.unseen().isPresent());
    List<AttackRecord> attacks =
        comparison.cells().stream().flatMap(cell -> cell.attack().stream()).toList();
    String scope =
        "%s, %s, %s"
            .formatted(
                Words.count(methods.size() + without.size(), "method"),
                Words.count(comparison.concepts().size(), "concept"),
                Words.count(comparison.seeds().size(), "seed"));
    List<CellTables.ReachLine> reach = CellTables.reach(comparison);
    return new Page(
        "Comparison of erasers: " + scope,
        scope,
        ComparisonVerdict.of(methods),
        new Chart(pareto(methods)),
        lines(methods),
        base(pooled),
        without,
        methods.stream()
            .anyMatch(method -> method.esr1().spread().exact() || method.psr1().spread().exact()),
        vocabulary,
        !attacks.isEmpty(),
        differences(methods, leader),
        Words.name(leader.method()),
        ConceptMatrix.of(comparison, methods),
        pictures
            .map(source -> ComparisonGallery.draw(comparison, source))
            .filter(gallery -> !gallery.sheets().isEmpty()),
        ComparisonGallery.left(comparison),
        damage(methods, judge),
        CellTables.adversaries(comparison),
        CellTables.attacks(comparison),
        reach,
        reach.isEmpty() ? List.of() : ReachView.LIMITS,
        comparison.cells().stream().map(CellTables::cell).toList(),
        JudgeView.of(pooled, ConceptLosses.of(pooled, Optional.empty())),
        Omissions.of(attacks, comparison.seeds().size(), comparison.methods().contains("few-shot")),
        Fact.ofTree(comparison.comparison()),
        Fact.ofEvaluation(pooled.summary()),
        Fact.ofSummary(pooled.summary()),
        commands(comparison));
  }

  /** All cells' pictures; of the base, which all cells share, each but once. */
  private static EvaluationFolder pooled(List<MethodFigures> methods) {
    List<JudgedPicture> base = new ArrayList<>();
    List<JudgedPicture> erased = new ArrayList<>();
    EvaluationFolder first = methods.getFirst().judged().getFirst().evaluation().orElseThrow();
    Set<List<Object>> seen = new HashSet<>();
    for (MethodFigures method : methods) {
      for (Cell cell : method.judged()) {
        EvaluationFolder evaluation = cell.evaluation().orElseThrow();
        for (int i = 0; i < evaluation.base().size(); i++) {
          JudgedPicture row = evaluation.base().get(i);
          if (seen.add(List.of(row.split(), row.prompt(), row.seed()))) {
            base.add(row);
            erased.add(evaluation.erased().get(i));
          }
        }
      }
    }
    return new EvaluationFolder(first.summary(), base, erased);
  }

  private static String pareto(List<MethodFigures> methods) {
    List<ParetoChart.Method> marks =
        methods.stream()
            .map(method ->
                new ParetoChart.Method(
                    Words.name(method.method()),
                    method.cost(),
                    method.esr1().value(),
                    method.esr1().spread().low(),
                    method.esr1().spread().high(),
                    method.psr1().value(),
                    method.psr1().spread().low(),
                    method.psr1().spread().high(),
                    method.judged().stream()
                        .map(cell ->
                            new ParetoChart.Cell(
                                Words.name(cell.name()),
                                MethodFigures.esr1(cell),
                                MethodFigures.psr1(cell)))
                        .toList()))
            .toList();
    double base =
        methods.stream().mapToDouble(method -> method.psr1().base()).average().orElseThrow();
    String front =
        String.join(", ", ParetoChart.front(marks).stream().map(ParetoChart.Method::name).toList());
    return ParetoChart.draw(
        marks,
        base,
        "Erasure (to the right) against preservation (upwards) of %s. Not beaten in both: %s."
            .formatted(Words.count(methods.size(), "method"), front));
  }

  private static List<MethodLine> lines(List<MethodFigures> methods) {
    List<MethodLine> lines = new ArrayList<>();
    for (int m = 0; m < methods.size(); m++) {
      MethodFigures method = methods.get(m);
      List<String> cells = new ArrayList<>(List.of(method.judged().size() + " judged"));
      if (method.failed() > 0) {
        cells.add(method.failed() + " failed");
      }
      if (method.missing() > 0) {
        cells.add(method.missing() + " not run");
      }
      lines.add(
          new MethodLine(
              Words.name(method.method()),
              m % 8,
              String.join(", ", cells),
              MetricTable.line(method.esr1(), "ESR-1", ""),
              MetricTable.line(method.esr5(), "ESR-5", ""),
              MetricTable.line(method.psr1(), "PSR-1", ""),
              MetricTable.line(method.psr5(), "PSR-5", ""),
              method.known().map(rates -> MetricTable.line(rates, "PSR-1, known", "")),
              method.unseen().map(rates -> MetricTable.line(rates, "PSR-1, unseen", "")),
              method.attack().map(Words::percent).orElse("not run"),
              method.seconds().map(Words::seconds).orElse("\u2013"),
              method.passes().map(passes -> Words.count(Math.round(passes))).orElse("\u2013")));
    }
    return lines;
  }

  private static BaseLine base(EvaluationFolder pooled) {
    return new BaseLine(
        base(pooled, true, 1, picture -> picture.isErased()),
        base(pooled, true, 5, picture -> picture.isErased()),
        base(pooled, false, 1, picture -> !picture.isErased()),
        base(pooled, false, 5, picture -> !picture.isErased()),
        base(pooled, false, 1, picture -> !picture.isErased() && picture.known()),
        base(pooled, false, 1, picture -> !picture.isErased() && !picture.known()));
  }

  private static String base(
      EvaluationFolder pooled, boolean absent, int k, Predicate<JudgedPicture> which) {
    return MetricTable.rates(pooled, which, k, absent)
        .map(rates -> Words.percent(rates.base()))
        .orElse("\u2013");
  }

  private static List<DifferenceLine> differences(
      List<MethodFigures> methods, MethodFigures leader) {
    List<DifferenceLine> lines = new ArrayList<>();
    for (MethodFigures method : methods) {
      Optional<MethodFigures.Difference> kept = method.minus(leader, MethodFigures::psr1);
      Optional<MethodFigures.Difference> gone = method.minus(leader, MethodFigures::esr1);
      if (method != leader && kept.isPresent() && gone.isPresent()) {
        lines.add(
            new DifferenceLine(
                Words.name(method.method()),
                ComparisonVerdict.difference(gone.get()),
                ComparisonVerdict.difference(kept.get()),
                Integer.toString(kept.get().pairs()),
                kept.get().isFew()
                    ? "too few cells to tell"
                    : kept.get().isUnclear() && gone.get().isUnclear()
                        ? "no clear difference"
                        : "differs beyond chance"));
      }
    }
    return lines;
  }

  /** One small scatter a method, over the names of all its cells. */
  private static List<Chart> damage(List<MethodFigures> methods, Optional<ClipJudge> judge) {
    List<Chart> charts = new ArrayList<>();
    for (MethodFigures method : methods) {
      List<Loss> placed = new ArrayList<>();
      for (Cell cell : method.judged()) {
        ConceptLosses.of(cell.evaluation().orElseThrow(), judge).stream()
            .filter(loss -> !loss.isErased() && loss.distance().isPresent())
            .forEach(placed::add);
      }
      if (placed.size() >= 3) {
        String name = Words.name(method.method());
        charts.add(
            new Chart(
                DamageScatter.draw(
                    Damage.points(placed), name, name + ": " + Damage.description(placed))));
      }
    }
    return charts;
  }

  private static List<List<String>> commands(ComparisonFolder comparison) {
    String cell = comparison.cells().getFirst().name();
    return List.of(
        ComparisonCommand.of(comparison, "comparison").lines(),
        new ShellCommand("lethe", "run-cell")
            .word("comparison/cells/" + cell + "/cell.json")
            .lines());
  }
}
