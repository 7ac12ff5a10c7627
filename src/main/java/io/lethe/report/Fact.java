// One line of a list of facts: a name and its value.
package io.lethe.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * @param code whether the value is to be read letter by letter, as hashes are
 */
record Fact(String name, String value, boolean code) {
  private static final String SHORTENED = "sha256:";
  private static final int MOST = 60;

  static Fact of(String name, String value) {
    return new Fact(name, value, false);
  }

  static Fact code(String name, String value) {
    return new Fact(name, value, true);
  }

  /** How the pictures were drawn and judged. */
  static List<Fact> ofEvaluation(JsonNode summary) {
    List<Fact> facts = new ArrayList<>();
    add(facts, "Drawing", summary.path("drawing").asString(""));
    add(facts, "First seed", summary.path("seed").asString(""));
    add(facts, "Pictures of each erased name", summary.path("images").asString(""));
    add(facts, "Pictures of each kept name", summary.path("kept_images").asString(""));
    add(facts, "Sentence forms", String.join(" \u00b7 ", JsonFile.texts(summary.path("forms"))));
    add(facts, "Labels that the judge ranks among", summary.path("labels").asString(""));
    add(facts, "Intervals", summary.path("interval").asString(""));
    return facts;
  }

  /** What the method was told. */
  static List<Fact> ofErasure(ErasureRecord erasure) {
    List<Fact> facts = new ArrayList<>();
    add(facts, "Method", erasure.method());
    add(facts, "Paper", erasure.paper());
    add(
        facts,
        "Concepts",
        String.join(", ", erasure.concepts().stream().map(Words::name).toList()));
    add(facts, "Erased from", String.join(" \u00b7 ", erasure.eraseFrom()));
    add(facts, "Told to keep", String.join(", ", erasure.preserve()));
    facts.add(of("Seed", Long.toString(erasure.seed())));
    add(facts, "Backend", erasure.backend());
    facts.add(of("UNet passes", Words.count(erasure.unetPasses())));
    if (Double.isFinite(erasure.roundingShare())) {
      facts.add(of("Share of the change lost to rounding", Words.percent(erasure.roundingShare())));
    }
    for (Map.Entry<String, String> setting : erasure.settings().entrySet()) {
      facts.add(of(setting.getKey(), setting.getValue()));
    }
    return facts;
  }

  /** What a closed-form editor says of its edit. */
  static List<Fact> ofEdit(ErasureRecord erasure) {
    List<Fact> facts = new ArrayList<>();
    erasure.edit().entrySet().stream()
        .limit(MOST)
        .forEach(entry -> add(facts, entry.getKey().replace('_', ' '), figure(entry.getValue())));
    return facts;
  }

  /** Four digits of what has more. */
  private static String figure(String value) {
    return value.matches("-?\\d+\\.\\d{4,}(E-?\\d+)?")
        ? String.format(Locale.ROOT, "%.4g", Double.parseDouble(value))
        : value;
  }

  /** Whose files these figures are of. */
  static List<Fact> hashes(ErasureRecord erasure, JsonNode summary) {
    List<Fact> facts = new ArrayList<>();
    hash(facts, "Base model", erasure.baseHash(), summary.path("base").asString(""));
    hash(facts, "Erased model", erasure.erasedHash(), summary.path("erased_model").asString(""));
    String judge = summary.path("judge").asString("");
    if (!judge.isEmpty()) {
      facts.add(code("Judge", judge));
    }
    return facts;
  }

  private static void hash(List<Fact> facts, String name, Optional<String> own, String judged) {
    String value = own.orElse(judged);
    if (!value.isEmpty()) {
      facts.add(code(name, value.startsWith(SHORTENED) ? value : SHORTENED + value));
    }
  }

  /** The same, where many erasures share them. */
  static List<Fact> ofSummary(JsonNode summary) {
    List<Fact> facts = new ArrayList<>();
    hash(facts, "Base model", Optional.empty(), summary.path("base").asString(""));
    String judge = summary.path("judge").asString("");
    if (!judge.isEmpty()) {
      facts.add(code("Judge", judge));
    }
    return facts;
  }

  /** Whatever a small JSON object says. */
  static List<Fact> ofTree(JsonNode tree) {
    List<Fact> facts = new ArrayList<>();
    tree.properties().stream()
        .limit(MOST)
        .forEach(entry -> {
          JsonNode value = entry.getValue();
          List<String> texts = JsonFile.texts(value);
          boolean plain = value.isValueNode() || value.isArray() && texts.size() == value.size();
          String text =
              value.isValueNode()
                  ? value.asString("")
                  : plain ? String.join(", ", texts) : value.toString();
          add(facts, entry.getKey().replace('_', ' '), text);
        });
    return facts;
  }

  /** Times and memory: they differ from run to run and from machine to machine. */
  static List<Fact> measured(Map<String, Double> measured) {
    List<Fact> facts = new ArrayList<>();
    measured.forEach((name, value) -> {
      String plain = name.replace('_', ' ');
      if (name.endsWith("seconds")) {
        String what = plain.equals("seconds") ? "time" : plain.replaceFirst(" ?seconds$", ", time");
        facts.add(of(what, Words.seconds(value)));
      } else if (name.endsWith("bytes")) {
        facts.add(of(plain.replaceFirst(" ?bytes$", ""), Words.bytes(value)));
      } else {
        facts.add(of(plain, Words.count(Math.round(value))));
      }
    });
    return facts;
  }

  private static void add(List<Fact> facts, String name, String value) {
    if (!value.isBlank()) {
      facts.add(of(name, value));
    }
  }
}
