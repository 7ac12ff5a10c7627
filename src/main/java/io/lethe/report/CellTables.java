// The tables of a comparison's cells: results, attacks, searches, bounds.
package io.lethe.report;

import io.lethe.report.ComparisonFolder.Cell;
import java.util.ArrayList;
import java.util.List;

/** What single cells have to show, as text. */
final class CellTables {
  record CellAdversaries(String cell, List<Adversaries> list) {}

  record AttackLine(
      String cell, String method, String means, String best, String mean, String plain) {}

  record ReachLine(String cell, List<ReachView.Row> rows) {}

  record CellLine(
      String name,
      String status,
      String esr1,
      String psr1,
      String seconds,
      String passes,
      String error) {}

  private CellTables() {}

  static List<CellAdversaries> adversaries(ComparisonFolder comparison) {
    return comparison.cells().stream()
        .map(cell -> new CellAdversaries(Words.name(cell.name()), Adversaries.of(cell.erasure())))
        .filter(cell -> !cell.list().isEmpty())
        .toList();
  }

  static List<AttackLine> attacks(ComparisonFolder comparison) {
    List<AttackLine> lines = new ArrayList<>();
    for (Cell cell : comparison.cells()) {
      cell.attack()
          .ifPresent(attack ->
              lines.add(
                  new AttackLine(
                      Words.name(cell.name()),
                      Words.name(attack.method()),
                      Words.name(attack.embedding()),
                      attack.bestInWords(),
                      Words.percent(attack.mean()),
                      MethodFigures.rate(cell, JudgedPicture::isErased, 1, true)
                          .map(rates -> Words.percent(1 - rates.value()))
                          .orElse("\u2013"))));
    }
    return lines;
  }

  static List<ReachLine> reach(ComparisonFolder comparison) {
    List<ReachLine> lines = new ArrayList<>();
    for (Cell cell : comparison.cells()) {
      ReachView.of(cell.erasure())
          .ifPresent(reach -> lines.add(new ReachLine(Words.name(cell.name()), reach.rows())));
    }
    return lines;
  }

  static CellLine cell(Cell cell) {
    String status =
        switch (cell.status()) {
          case OK -> cell.isJudged() ? "judged" : "not judged";
          case FAILED -> "failed";
          case MISSING -> "not run";
        };
    return new CellLine(
        Words.name(cell.name()),
        status,
        MethodFigures.rate(cell, JudgedPicture::isErased, 1, true)
            .map(rates -> Words.percent(rates.value()))
            .orElse("\u2013"),
        MethodFigures.rate(cell, picture -> !picture.isErased(), 1, false)
            .map(rates -> Words.percent(rates.value()))
            .orElse("\u2013"),
        cell.seconds().map(Words::seconds).orElse("\u2013"),
        cell.erasure().unetPasses() > 0 ? Words.count(cell.erasure().unetPasses()) : "\u2013",
        cell.error());
  }
}
