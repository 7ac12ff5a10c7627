// summary.json of a comparison: each method's means, and how methods differ on the same cells.
package io.lethe.compare;

import io.lethe.evaluate.Bootstrap;
import io.lethe.evaluate.Bootstrap.Interval;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Sums up the cells that are ok.
 *
 * @param grid what was compared
 * @param cells how many the grid has
 * @param ok how many came to their end
 * @param failed those that did not, with the reason
 * @param missing titles of those that nobody has run
 * @param interval how intervals were made
 * @param methods each method's means over concepts and seeds
 * @param differences between two methods, over the concepts and seeds that both have
 * @param measured mean times and memory of each method; they differ from run to run
 */
public record ComparisonSummary(
    Grid grid,
    int cells,
    int ok,
    List<Failure> failed,
    List<String> missing,
    String interval,
    List<Row> methods,
    List<Difference> differences,
    Map<String, Map<String, Double>> measured) {

  /** A cell that failed. */
  public record Failure(String method, String concept, long seed, String error) {}

  /** A mean and the ends of its 95 % interval. */
  public record Mean(double mean, List<Double> ci95) {}

  /**
   * A rate's mean over cells.
   *
   * @param base mean of the base model's rate over the same cells
   */
  public record Rate(double mean, List<Double> ci95, double base) {}

  /**
   * One method.
   *
   * @param n cells that are ok
   * @param attack mean success rate of the best restart, or null without an attack
   * @param unetPasses mean of an erasure's
   */
  public record Row(
      String method, int n, Map<String, Rate> metrics, Mean attack, double unetPasses) {}

  /**
   * The first method's rate minus the second's.
   *
   * @param n pairs of cells with the same concept and seed
   */
  public record Difference(String first, String second, int n, Map<String, Mean> metrics) {}

  private static final String INTERVAL =
      "95 %, bootstrap over cells (concept x seed), 1000 resamples";

  /** Prompt forms have metrics of their own, which a mean over concepts says nothing about. */
  private static final String OF_A_FORM = ".form";

  static ComparisonSummary of(Grid grid, List<Grid.Cell> cells) {
    Map<String, Map<String, CellResult>> byMethod = new LinkedHashMap<>();
    grid.methods().forEach(method -> byMethod.put(method, new LinkedHashMap<>()));
    List<Failure> failed = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (Grid.Cell cell : cells) {
      CellJob job = cell.job();
      Optional<CellResult> result = CellResult.in(cell.folder());
      if (result.isEmpty()) {
        missing.add(job.title());
      } else if (result.get().succeeded()) {
        byMethod.get(job.method()).put(job.concept() + "\n" + job.seed(), result.get());
      } else {
        String error = result.get().error();
        failed.add(new Failure(job.method(), job.concept(), job.seed(), error));
      }
    }
    List<Row> rows = new ArrayList<>();
    Map<String, Map<String, Double>> measured = new LinkedHashMap<>();
    byMethod.forEach((method, results) -> {
      rows.add(row(method, List.copyOf(results.values())));
      measured.put(method, measured(List.copyOf(results.values())));
    });
    return new ComparisonSummary(
        grid,
        cells.size(),
        byMethod.values().stream().mapToInt(Map::size).sum(),
        failed,
        missing,
        INTERVAL,
        rows,
        differences(byMethod),
        measured);
  }

  /** As it stands in summary.json. */
  public String json() {
    return Documents.text(this).stripTrailing();
  }

  private static Row row(String method, List<CellResult> results) {
    Map<String, Rate> metrics = new LinkedHashMap<>();
    for (String name : metricNames(results)) {
      List<CellResult.Rate> rates =
          results.stream()
              .map(result -> result.metrics().get(name))
              .filter(Objects::nonNull)
              .toList();
      Mean mean = mean(rates.stream().mapToDouble(CellResult.Rate::value).toArray());
      double base = rates.stream().mapToDouble(CellResult.Rate::base).average().orElseThrow();
      metrics.put(name, new Rate(mean.mean(), mean.ci95(), base));
    }
    double passes = results.stream().mapToLong(CellResult::unetPasses).average().orElse(0);
    double[] attacks =
        results.stream()
            .map(CellResult::attack)
            .filter(Objects::nonNull)
            .mapToDouble(CellResult.Attack::best)
            .toArray();
    Mean attack = attacks.length == 0 ? null : mean(attacks);
    return new Row(method, results.size(), metrics, attack, passes);
  }

  private static List<Difference> differences(Map<String, Map<String, CellResult>> byMethod) {
    List<String> methods = List.copyOf(byMethod.keySet());
    List<Difference> differences = new ArrayList<>();
    for (int i = 0; i < methods.size(); i++) {
      for (int j = i + 1; j < methods.size(); j++) {
        Map<String, CellResult> first = byMethod.get(methods.get(i));
        Map<String, CellResult> second = byMethod.get(methods.get(j));
        List<String> pairs = first.keySet().stream().filter(second::containsKey).toList();
        if (!pairs.isEmpty()) {
          differences.add(
              new Difference(
                  methods.get(i), methods.get(j), pairs.size(), paired(first, second, pairs)));
        }
      }
    }
    return differences;
  }

  private static Map<String, Mean> paired(
      Map<String, CellResult> first, Map<String, CellResult> second, List<String> pairs) {
    Map<String, Mean> means = new LinkedHashMap<>();
    for (String name : metricNames(pairs.stream().map(first::get).toList())) {
      double[] differences =
          pairs.stream()
              .filter(pair ->
                  first.get(pair).metrics().containsKey(name)
                      && second.get(pair).metrics().containsKey(name))
              .mapToDouble(pair ->
                  first.get(pair).metrics().get(name).value()
                      - second.get(pair).metrics().get(name).value())
              .toArray();
      if (differences.length > 0) {
        means.put(name, mean(differences));
      }
    }
    return means;
  }

  private static Set<String> metricNames(List<CellResult> results) {
    Set<String> names = new LinkedHashSet<>();
    for (CellResult result : results) {
      result.metrics().keySet().stream()
          .filter(name -> !name.contains(OF_A_FORM))
          .forEach(names::add);
    }
    return names;
  }

  private static Mean mean(double... values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    Interval interval = Bootstrap.ofMean(values);
    return new Mean(sum / values.length, List.of(interval.low(), interval.high()));
  }

  private static Map<String, Double> measured(List<CellResult> results) {
    Map<String, List<Double>> values = new LinkedHashMap<>();
    for (CellResult result : results) {
      result
          .measured()
          .forEach(
              (name, value) -> values.computeIfAbsent(name, key -> new ArrayList<>()).add(value));
    }
    Map<String, Double> means = new LinkedHashMap<>();
    values.forEach((name, all) ->
        means.put(name, all.stream().mapToDouble(Double::doubleValue).average().orElseThrow()));
    return means;
  }
}
