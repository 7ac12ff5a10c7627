// The bound of the reach edit, and all that it does not say.
package io.lethe.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Figures as the editor wrote them.
 *
 * @param rows name and value
 * @param limits what lies outside the bound
 */
record ReachView(List<Row> rows, List<String> limits) {
  /** One figure. */
  record Row(String name, String value) {}

  private static final int MOST_ROWS = 40;

  static final List<String> LIMITS =
      List.of(
          "It speaks of all layers' keys and values stacked together. One narrow layer taken alone"
              + " may still be fooled: where it has fewer outputs than the text embedding has"
              + " dimensions left, some embedding reproduces them.",
          "It speaks of one embedding at a time. Attention mixes the values of several tokens, and"
              + " a mixture can come closer than any of its parts.",
          "Descriptions that lie in the space kept on purpose, for the sake of other words, are"
              + " outside it.",
          "Fine-tuning and adapters change the weights that it was computed from.",
          "A start from a latent that already shows the concept needs no embedding at all.",
          "It has not been found to predict how often a learned word succeeds: read the attack"
              + " beside it.");

  static Optional<ReachView> of(ErasureRecord erasure) {
    return erasure
        .reach()
        .map(reach -> {
          List<Row> rows = new ArrayList<>();
          collect("", reach, rows);
          return new ReachView(rows, LIMITS);
        });
  }

  private static void collect(String path, JsonNode node, List<Row> rows) {
    if (rows.size() >= MOST_ROWS) {
      return;
    }
    if (node.isObject()) {
      node.properties()
          .forEach(entry ->
              collect(
                  path.isEmpty() ? entry.getKey() : path + ", " + entry.getKey(),
                  entry.getValue(),
                  rows));
    } else if (node.isNumber() && !node.isIntegralNumber()) {
      rows.add(new Row(name(path), String.format(Locale.ROOT, "%.4g", node.asDouble())));
    } else if (node.isValueNode() && !node.isNull()) {
      rows.add(new Row(name(path), Words.name(node.asString(""))));
    }
  }

  private static String name(String path) {
    return path.isEmpty() ? "bound" : Words.name(path.replace('_', ' '));
  }
}
