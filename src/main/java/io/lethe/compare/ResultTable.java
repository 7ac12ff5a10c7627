// results.csv and measured.csv: a row a cell.
package io.lethe.compare;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The cells in the grid's order. What differs from run to run stands in a table of its own, so that
 * the other is the same bytes however the grid was run.
 */
final class ResultTable {
  private static final String HEAD = "method,concept,seed,";

  private record Line(Grid.Cell cell, Optional<CellResult> result) {}

  private final List<Line> lines;

  ResultTable(List<Grid.Cell> cells) {
    this.lines = cells.stream().map(cell -> new Line(cell, CellResult.in(cell.folder()))).toList();
  }

  /** Rates with their 95 % intervals and the base's; empty fields where a cell failed. */
  String results() {
    Set<String> metrics = new LinkedHashSet<>();
    for (Line line : lines) {
      line.result().ifPresent(result -> metrics.addAll(result.metrics().keySet()));
    }
    StringBuilder csv = new StringBuilder(HEAD).append("options,status");
    for (String metric : metrics) {
      String name = field(metric);
      csv.append(',').append(name);
      csv.append(',').append(field(metric + " low")).append(',').append(field(metric + " high"));
      csv.append(',').append(field(metric + " base"));
    }
    boolean attacked =
        lines.stream().anyMatch(line -> line.result().map(CellResult::attack).isPresent());
    csv.append(attacked ? ",attack best,attack low,attack high,attack mean" : "");
    csv.append(",unet_passes,fill_passes,lost,notes,error\n");
    for (Line line : lines) {
      head(csv, line);
      csv.append(field(options(line.cell().job().options())));
      csv.append(',').append(line.result().map(CellResult::status).orElse("missing"));
      for (String metric : metrics) {
        CellResult.Rate rate =
            line.result().map(result -> result.metrics().get(metric)).orElse(null);
        if (rate == null) {
          csv.append(",,,,");
        } else {
          csv.append(',').append(number(rate.value()));
          rate.ci95().forEach(end -> csv.append(',').append(number(end)));
          csv.append(',').append(number(rate.base()));
        }
      }
      if (attacked) {
        csv.append(attack(line.result().map(CellResult::attack)));
      }
      Optional<CellResult> ok = line.result().filter(CellResult::succeeded);
      csv.append(',').append(ok.map(result -> Long.toString(result.unetPasses())).orElse(""));
      csv.append(',').append(ok.map(result -> Long.toString(result.fillPasses())).orElse(""));
      csv.append(',').append(sentences(ok.map(CellResult::lost)));
      csv.append(',').append(sentences(ok.map(CellResult::notes)));
      csv.append(',').append(field(line.result().map(CellResult::error).orElse(""))).append('\n');
    }
    return csv.toString();
  }

  /** Times and memory. */
  String measured() {
    Set<String> names = new LinkedHashSet<>();
    for (Line line : lines) {
      line.result().ifPresent(result -> names.addAll(result.measured().keySet()));
    }
    StringBuilder csv = new StringBuilder(HEAD).append(String.join(",", names)).append('\n');
    for (Line line : lines) {
      head(csv, line);
      csv.append(
              names.stream()
                  .map(name ->
                      line.result()
                          .map(result -> result.measured().get(name))
                          .map(value -> String.format(Locale.ROOT, "%.1f", value))
                          .orElse(""))
                  .collect(Collectors.joining(",")))
          .append('\n');
    }
    return csv.toString();
  }

  private static void head(StringBuilder csv, Line line) {
    CellJob job = line.cell().job();
    csv.append(field(job.method())).append(',').append(field(job.concept())).append(',');
    csv.append(job.seed()).append(',');
  }

  private static String attack(Optional<CellResult.Attack> attack) {
    return attack
        .map(found ->
            ","
                + number(found.best())
                + ","
                + number(found.ci95().getFirst())
                + ","
                + number(found.ci95().getLast())
                + ","
                + number(found.mean()))
        .orElse(",,,,");
  }

  private static String sentences(Optional<List<String>> sentences) {
    return field(String.join("; ", sentences.orElse(List.of())));
  }

  private static String options(Map<String, String> options) {
    return options.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .collect(Collectors.joining(" "));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.6f", value);
  }

  /** Quoted where commas, quotes or line ends make it necessary (RFC 4180). */
  private static String field(String text) {
    boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
