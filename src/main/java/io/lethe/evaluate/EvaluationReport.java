// The files of an evaluation: scores.csv, one row a picture, and summary.json.
package io.lethe.evaluate;

import io.lethe.evaluate.Bootstrap.Interval;
import io.lethe.evaluate.EvaluationResult.ConceptRow;
import io.lethe.weights.AtomicFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes results so that they can be read again by people and machines; nothing in them depends on
 * the machine but what stands under {@code measured}.
 */
public final class EvaluationReport {
  private static final int BEST = 5;

  private final EvaluationResult result;

  public EvaluationReport(EvaluationResult result) {
    this.result = result;
  }

  /**
   * Writes both files.
   *
   * @param measured times and memory, which differ from run to run
   * @throws io.lethe.UserError if that fails
   */
  public void write(Path folder, Map<String, Number> measured) {
    write(folder.resolve("scores.csv"), scores());
    write(folder.resolve("summary.json"), summary(measured).toPrettyString() + "\n");
  }

  private static void write(Path file, String text) {
    AtomicFile.write(
        file,
        channel -> {
          ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        });
  }

  /** One row a picture: what was asked, its rank and likeness, and the five best labels. */
  public String scores() {
    StringBuilder csv =
        new StringBuilder("model,split,vocabulary,concept,prompt,seed,rank,cosine,probability");
    for (int place = 1; place <= BEST; place++) {
      csv.append(",top").append(place).append(",probability").append(place);
    }
    csv.append('\n');
    result.base().forEach(row -> append(csv, row));
    result.erased().forEach(row -> append(csv, row));
    return csv.toString();
  }

  private void append(StringBuilder csv, ScoredPicture row) {
    Ranking ranking = row.ranking();
    csv.append(row.model())
        .append(row.isErased() ? ",erased," : ",kept,")
        .append(row.inVocabulary() ? "in," : "out,")
        .append(field(row.concept()))
        .append(',')
        .append(field(row.prompt()))
        .append(',')
        .append(row.seed())
        .append(',')
        .append(row.rank())
        .append(',')
        .append(number(ranking.likeness()[row.label()]))
        .append(',')
        .append(number(ranking.probability(row.label())));
    for (int label : ranking.top(BEST)) {
      csv.append(',')
          .append(field(result.labels().get(label)))
          .append(',')
          .append(number(ranking.probability(label)));
    }
    csv.append('\n');
  }

  /** Quoted where commas, quotes or line ends make it necessary (RFC 4180). */
  static String field(String text) {
    boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.6f", value);
  }

  /** The summary: what was compared, the metrics, the concepts, and apart what was measured. */
  public ObjectNode summary(Map<String, Number> measured) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("base", result.baseHash());
    json.put("erased_model", result.erasedHash());
    json.put("judge", result.judge());
    json.put("labels", result.labels().size());
    json.put("drawing", result.settings());
    EvaluationPlan plan = result.plan();
    json.put("seed", plan.seed());
    json.put("images", plan.images());
    json.put("kept_images", plan.keptImages());
    list(json.putArray("forms"), plan.forms().templates());
    list(json.putArray("erased"), plan.erased());
    list(json.putArray("kept"), plan.kept());
    json.put("interval", "95 %, bootstrap over prompts, 1000 resamples");
    ObjectNode metrics = json.putObject("metrics");
    result.metrics().forEach((name, metric) -> put(metrics.putObject(name), metric));
    ArrayNode concepts = json.putArray("concepts");
    result.concepts().forEach(row -> put(concepts.addObject(), row));
    ObjectNode apart = json.putObject("measured");
    measured.forEach((name, number) -> apart.put(name, number.doubleValue()));
    return json;
  }

  private static void list(ArrayNode array, List<String> values) {
    values.forEach(array::add);
  }

  private static void put(ObjectNode json, Metric metric) {
    json.put("value", metric.value());
    interval(json.putArray("ci95"), metric.interval());
    json.put("n", metric.pictures());
    json.put("prompts", metric.prompts());
    json.put("base", metric.base());
    interval(json.putArray("base_ci95"), metric.baseInterval());
    if (Double.isFinite(metric.normalised())) {
      json.put("normalised", metric.normalised());
    } else {
      json.putNull("normalised");
    }
  }

  private static void interval(ArrayNode array, Interval interval) {
    array.add(interval.low()).add(interval.high());
  }

  private static void put(ObjectNode json, ConceptRow row) {
    json.put("concept", row.concept());
    json.put("split", row.isErased() ? "erased" : "kept");
    json.put("vocabulary", row.inVocabulary());
    json.put("n", row.pictures());
    json.put("base_top1", row.baseTop1());
    json.put("base_top5", row.baseTop5());
    json.put("top1", row.top1());
    json.put("top5", row.top5());
    json.put("base_confidence", row.baseConfidence());
    json.put("confidence", row.confidence());
    ObjectNode seen = json.putObject("seen");
    row.seen().forEach(seen::put);
  }

  /** A table for people: metrics with their base beside, then the concepts that changed most. */
  public String table() {
    StringBuilder text = new StringBuilder();
    text.append(String.format("%-34s %8s %15s %8s %5s%n", "", "erased", "95 %", "base", "n"));
    result
        .metrics()
        .forEach((name, metric) ->
            text.append(
                String.format(
                    Locale.ROOT,
                    "%-34s %8.1f %6.1f to %5.1f %8.1f %5d%n",
                    title(name),
                    100 * metric.value(),
                    100 * metric.interval().low(),
                    100 * metric.interval().high(),
                    100 * metric.base(),
                    metric.pictures())));
    return text.toString();
  }

  /** The rows of kept names that lost most, worst first, for people. */
  public String damage(int rows) {
    StringBuilder text = new StringBuilder();
    result.concepts().stream()
        .filter(row -> !row.isErased() && row.top1() < row.baseTop1())
        .sorted((one, other) ->
            Double.compare(one.top1() - one.baseTop1(), other.top1() - other.baseTop1()))
        .limit(rows)
        .forEach(row ->
            text.append(
                String.format(
                    Locale.ROOT,
                    "  %-24s %5.0f of %.0f  seen as %s%n",
                    row.concept(),
                    100 * row.top1(),
                    100 * row.baseTop1(),
                    String.join(", ", row.seen().keySet()))));
    return text.toString();
  }

  private static String title(String metric) {
    return metric
        .replaceFirst("^esr", "ESR-")
        .replaceFirst("^psr", "PSR-")
        .replace(".vocabulary", " in the vocabulary")
        .replace(".outside", " outside the vocabulary")
        .replace(".form", ", form");
  }
}
