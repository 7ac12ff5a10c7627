// Method by concept: where a method is good, and where not.
package io.lethe.report;

import io.lethe.report.ComparisonFolder.Cell;
import java.util.ArrayList;
import java.util.List;

/** Means over seeds; one row a concept, one column a method. */
record ConceptMatrix(List<String> methods, List<Row> rows) {
  record Row(String concept, List<Entry> entries) {}

  /**
   * Two rates as text.
   *
   * @param shade how strongly to mark a shortfall, in percent of full colour
   */
  record Entry(String erased, String kept, String shade) {}

  static ConceptMatrix of(ComparisonFolder comparison, List<MethodFigures> methods) {
    List<Row> rows = new ArrayList<>();
    for (String concept : comparison.concepts()) {
      List<Entry> entries = new ArrayList<>();
      for (MethodFigures method : methods) {
        entries.add(
            entry(
                method.judged().stream().filter(cell -> cell.concept().equals(concept)).toList()));
      }
      rows.add(new Row(Words.name(concept), entries));
    }
    return new ConceptMatrix(
        methods.stream().map(method -> Words.name(method.method())).toList(), rows);
  }

  private static Entry entry(List<Cell> cells) {
    if (cells.isEmpty()) {
      return new Entry("\u2013", "\u2013", "0");
    }
    double erased = cells.stream().mapToDouble(MethodFigures::esr1).average().orElseThrow();
    double kept = cells.stream().mapToDouble(MethodFigures::psr1).average().orElseThrow();
    double shortfall = Math.clamp((1 - Math.min(erased, kept)) * 2, 0, 1);
    return new Entry(Words.number(erased), Words.number(kept), Words.decimal(40 * shortfall, 0));
  }
}
