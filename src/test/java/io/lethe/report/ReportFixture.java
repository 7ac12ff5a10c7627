// Erasures and comparisons as the commands write them, small, and with names that attack a page.
package io.lethe.report;

import io.lethe.backend.cpu.Cpu;
import io.lethe.diffusion.Picture;
import io.lethe.diffusion.ProgressListener;
import io.lethe.evaluate.ClipJudge;
import io.lethe.evaluate.Painter;
import io.lethe.evaluate.PromptForms;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Files for the tests of this package; nothing here draws or judges but {@link #studio}. */
final class ReportFixture {
  /** Ends elements, opens scripts, loads pictures, turns the direction of writing. */
  static final String HOSTILE =
      "</title></svg><script>alert(1)</script><img src=http://example.invalid/x onerror=alert(2)>"
          + "\u202e\"'${1+1}<#include \"x\">&amp;";

  static final String LONG = "an unbroken name of " + "x".repeat(400);

  static final List<String> KEPT =
      List.of("tiger face", "bear", "owl", "taxi", "castle", "rose", HOSTILE, LONG);

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int PICTURES = 8;

  private ReportFixture() {}

  /** One row of scores.csv is told by these. */
  private record Row(String model, String concept, int picture, boolean recognised) {}

  /**
   * Writes an evaluation of one erased concept.
   *
   * @param gone how many of its eight pictures are not recognised any more
   * @param hurt how many kept names lose one of their two pictures
   */
  static Path evaluation(Path folder, String concept, int gone, int hurt) throws IOException {
    Files.createDirectories(folder);
    ObjectNode summary = MAPPER.createObjectNode();
    summary.put("base", "b".repeat(64)).put("erased_model", "e".repeat(64));
    summary.put("judge", "a judge sha256:" + "1".repeat(64)).put("labels", 9);
    summary.put("drawing", "DDIM, 2 steps, guidance 4.0, 64 x 64");
    summary.put("seed", 9000).put("images", PICTURES).put("kept_images", 2);
    summary.put("interval", "95 %, bootstrap over prompts, 1000 resamples");
    summary.putArray("forms").add("{}").add("a {}");
    Files.writeString(folder.resolve("summary.json"), summary.toString());
    StringBuilder csv =
        new StringBuilder(
            "model,split,vocabulary,concept,prompt,seed,rank,cosine,probability,top1,probability1\n");
    for (String model : List.of("base", "erased")) {
      for (int i = 0; i < PICTURES; i++) {
        boolean recognised = model.equals("base") || i >= gone;
        append(csv, new Row(model, concept, i, recognised), true);
      }
      for (int k = 0; k < KEPT.size(); k++) {
        for (int i = 0; i < 2; i++) {
          boolean recognised = model.equals("base") || k >= hurt || i > 0;
          append(csv, new Row(model, KEPT.get(k), i, recognised), false);
        }
      }
    }
    Files.writeString(folder.resolve("scores.csv"), csv);
    return folder;
  }

  private static void append(StringBuilder csv, Row row, boolean erased) {
    String prompt = (row.picture() % 2 == 0 ? "" : "a ") + row.concept();
    String seen = row.recognised() ? row.concept() : HOSTILE;
    csv.append(
        String.join(
            ",",
            row.model(),
            erased ? "erased" : "kept",
            KEPT.indexOf(row.concept()) % 2 == 0 ? "in" : "out",
            quoted(row.concept()),
            quoted(prompt),
            Integer.toString(9000 + row.picture()),
            row.recognised() ? "1" : "3",
            "0.3",
            row.recognised() ? "0.9" : "0.05",
            quoted(seen),
            "0.9"));
    csv.append('\n');
  }

  private static String quoted(String text) {
    return '"' + text.replace("\"", "\"\"") + '"';
  }

  /** Writes metrics.json as an adversarial method leaves it. */
  static Path erasure(Path folder, String concept) throws IOException {
    Files.createDirectories(folder);
    ObjectNode json = MAPPER.createObjectNode();
    json.put("method", "eap").put("paper", "a paper").put("seed", 3).put("unet_passes", 7702);
    json.putArray("concepts").add(concept);
    json.putObject("settings").put("steps", 40).put("legacy", true).put("fresh", false);
    json.putObject("hashes").put("base", "b".repeat(64)).put("erased", "e".repeat(64));
    json.put("rounding_share_of_change", 0.002);
    json.putArray("notes").add(HOSTILE);
    ObjectNode losses = json.putObject("losses");
    for (String name : List.of("erase", HOSTILE)) {
      for (int i = 0; i < 30; i++) {
        losses.withArray(name).add(1.0 / (i + 1));
      }
    }
    List<String> history = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      history.add(i < 15 ? "bear" : i % 3 == 0 ? HOSTILE : LONG);
    }
    json.putObject("search_history").set(concept, MAPPER.valueToTree(history));
    json.putObject("word_weights")
        .set(concept, MAPPER.valueToTree(Map.of("bear", 0.5, HOSTILE, 0.25, LONG, 0.125)));
    json.putObject("measured").put("train_and_save_seconds", 45.3).put("peak_resident_bytes", 9e8);
    Files.writeString(folder.resolve("metrics.json"), json.toString());
    return folder;
  }

  /** Adds a reach bound to an erasure. */
  static void reach(Path folder) throws IOException {
    Path file = folder.resolve("metrics.json");
    ObjectNode json = (ObjectNode) MAPPER.readTree(file.toFile());
    ObjectNode edit = json.putObject("edit").put("rank", 21).put("norm", 7.1057458148595005);
    edit.putObject("reach_bound")
        .putObject(HOSTILE)
        .put("share_of_nearest_words_distance", 0.8612345)
        .put("nearest_word", HOSTILE);
    edit.put("reach_limits", "a sentence of the editor");
    Files.writeString(file, json.toString());
  }

  /** Writes an attack that brings the concept back in 6 of 8 pictures. */
  static Path attack(Path folder, String concept) throws IOException {
    Files.createDirectories(folder);
    ObjectNode json = MAPPER.createObjectNode();
    json.put("method", "textual-inversion").put("concept", concept).put("embedding", "word");
    json.put("steps", 300).put("model_hash", "e".repeat(64));
    json.putObject("base").put("success_rate", 1.0);
    json.putObject("model").put("success_rate", 0.125);
    json.putArray("best_ci95").add(0.349).add(0.968);
    for (int successes : new int[] {2, 6}) {
      ObjectNode restart = json.withArray("restarts").addObject();
      restart.put("initial", HOSTILE).put("success_rate", successes / 8.0);
      restart.put("successes", successes).put("pictures", 8);
      restart.put("loss_first", 0.5).put("loss_last", 0.1);
    }
    Files.writeString(folder.resolve("attack.json"), json.toString());
    PngFile.write(folder.resolve("learned.png"), plain(300, 150, 90), Map.of());
    return folder;
  }

  /** Writes a comparison: two methods on two concepts, one cell failed and one not run. */
  static Path comparison(Path folder) throws IOException {
    Files.createDirectories(folder.resolve("cells"));
    ObjectNode json = MAPPER.createObjectNode();
    json.putArray("methods").add("uce").add("eap").add(HOSTILE);
    json.putArray("concepts").add("lion").add(LONG);
    json.put("model", "/somewhere/emoji-sd").putNull("vocabulary").putNull("attack");
    ObjectNode evaluation = json.putObject("evaluation");
    evaluation.put("images", 8).put("kept_images", 1).put("seed", 9000).put("steps", 15);
    evaluation.putNull("guidance").put("width", 0).put("height", 0).putArray("kept").add("an owl");
    Files.writeString(folder.resolve("comparison.json"), json.toString());
    cell(folder, "eap", "lion", 0, "ok", 8, 1);
    cell(folder, "eap", "lion", 1, "ok", 7, 1);
    cell(folder, "eap", LONG, 0, "ok", 8, 0);
    cell(folder, "uce", "lion", 0, "ok", 8, 4);
    cell(folder, "uce", "lion", 1, "ok", 8, 5);
    cell(folder, "uce", LONG, 0, "failed", 0, 0);
    cell(folder, HOSTILE, "lion", 0, "", 0, 0);
    return folder;
  }

  private static void cell(
      Path folder, String method, String concept, int seed, String status, int gone, int hurt)
      throws IOException {
    int number;
    try (var cells = Files.list(folder.resolve("cells"))) {
      number = (int) cells.count();
    }
    Path cell = Files.createDirectories(folder.resolve("cells").resolve("cell-" + number));
    ObjectNode json = MAPPER.createObjectNode();
    json.put("method", method).put("concept", concept).put("seed", seed);
    Files.writeString(cell.resolve("cell.json"), json.toString());
    if (status.isEmpty()) {
      return;
    }
    ObjectNode result = MAPPER.createObjectNode().put("status", status);
    result.putObject("measured").put("train_and_save_seconds", method.equals("uce") ? 0.4 : 45);
    if (status.equals("failed")) {
      result.put("error", "no such word " + HOSTILE);
    } else {
      evaluation(cell.resolve("evaluation"), concept, gone, hurt);
      erasure(cell.resolve("model"), concept);
      PngFile.write(cell.resolve("model/before-after.png"), plain(900, 300, 120), Map.of());
    }
    if (method.equals("uce") && seed == 0) {
      attack(cell.resolve("attack"), concept);
    }
    Files.writeString(cell.resolve("result.json"), result.toString());
  }

  static Picture plain(int width, int height, int value) {
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (value + i % 7);
    }
    return new Picture(width, height, rgb);
  }

  /** The bundled judge over a few labels, and models that draw plain squares. */
  static Studio studio(Cpu cpu, Arena arena, String concept) {
    List<String> labels = new ArrayList<>(KEPT.subList(0, 6));
    labels.add(concept);
    ClipJudge judge = ClipJudge.open(Path.of("src/main/models/emoji-clip"), labels, cpu, arena);
    return new Studio(
        new Squares("b".repeat(64), 200),
        new Squares("e".repeat(64), 60),
        judge,
        new PromptForms(List.of("{}", "a {}")),
        16,
        ProgressListener.silent());
  }

  /** Draws one shade a seed. */
  private record Squares(String hash, int shade) implements Painter {
    @Override
    public List<Picture> paint(List<String> prompts, long[] seeds) {
      List<Picture> pictures = new ArrayList<>();
      for (long seed : seeds) {
        pictures.add(plain(64, 64, shade + (int) (seed % 5) * 8));
      }
      return pictures;
    }

    @Override
    public String settings() {
      return "squares";
    }
  }
}
