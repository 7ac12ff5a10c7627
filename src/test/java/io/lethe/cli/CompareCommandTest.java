// lethe compare and lethe run-cell: the same bytes however a grid was run, and what is refused.
package io.lethe.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class CompareCommandTest {
  private static final String SHORT = ":steps=1:trajectories=1:batch=1:advance=1:levels=2";
  private static final List<String> FEW =
      List.of(
          "--kept=owl",
          "--kept=taxi",
          "--images=2",
          "--kept-images=1",
          "--steps=2",
          "--evaluation-seed=7");
  private static final String METHODS = "--methods=esd" + SHORT;
  private static final String LION = "esd-steps=1-trajectories=1-batch=1-advance=1-levels=2-lion-0";
  private static final String TAXI = "esd-steps=1-trajectories=1-batch=1-advance=1-levels=2-taxi-0";

  /** A grid that was run in one go. */
  @TempDir static Path shared;

  private static Path whole;

  @TempDir Path folder;

  @BeforeAll
  static void runInOneGo() throws IOException {
    Files.writeString(shared.resolve("labels.txt"), "lion\nowl\ntaxi\ncat\ncastle\n");
    whole = shared.resolve("whole");
    CommandRun run = CommandRun.good(compare(whole, METHODS, "--concepts=lion,taxi"));
    assertTrue(run.out().contains("[2/2]"), run.out());
    assertTrue(run.out().contains("ESR-1"), run.out());
  }

  /** A judge with few labels is ready soon. */
  private static List<String> ground() {
    List<String> ground = new ArrayList<>(FEW);
    ground.add("--labels=" + shared.resolve("labels.txt"));
    return ground;
  }

  private static String[] compare(Path out, String... more) {
    List<String> arguments = new ArrayList<>(List.of("compare", "--out=" + out));
    arguments.addAll(ground());
    arguments.addAll(List.of(more));
    return arguments.toArray(String[]::new);
  }

  @Test
  void aCellHoldsItsJobItsModelItsEvaluationAndItsResult() throws IOException {
    Path cell = whole.resolve("cells").resolve(LION);
    assertEquals("lion", json(cell.resolve("cell.json")).path("concept").asString());
    assertTrue(Files.exists(cell.resolve("model/model_index.json")));
    assertTrue(Files.exists(cell.resolve("model/before-after.png")));
    JsonNode summary = json(cell.resolve("evaluation/summary.json"));
    JsonNode result = json(cell.resolve("result.json"));
    assertEquals("ok", result.path("status").asString());
    assertEquals(
        summary.at("/metrics/psr1/value").asDouble(), result.at("/metrics/psr1/value").asDouble());
    assertEquals(2, summary.at("/metrics/esr1/n").asInt());
    assertEquals(2, summary.at("/metrics/psr1/n").asInt());
    assertEquals(
        1,
        json(whole.resolve("cells").resolve(TAXI).resolve("evaluation/summary.json"))
            .at("/metrics/psr1/n")
            .asInt(),
        "a cell's own concept is not among its kept ones");
    List<String> rows = Files.readAllLines(whole.resolve("results.csv"));
    assertEquals(3, rows.size());
    assertTrue(rows.get(1).startsWith("esd" + SHORT + ",lion,0,steps=1 "), rows.get(1));
    assertEquals(2, json(whole.resolve("summary.json")).path("ok").asInt());
    assertTrue(Files.readString(whole.resolve("report.html")).contains("lion"));
  }

  @Test
  void cellsRunOneByOneInAnyOrderGiveTheSameBytes() throws IOException {
    Path out = folder.resolve("apart");
    CommandRun plan = CommandRun.good(compare(out, METHODS, "--concepts=lion,taxi", "--plan-only"));
    List<String> jobs = new ArrayList<>(plan.out().lines().toList());
    assertEquals(2, jobs.size());
    for (String job : jobs.reversed()) {
      CommandRun.good("run-cell", job);
    }
    CommandRun summing = CommandRun.good(compare(out, METHODS, "--concepts=lion,taxi"));
    assertFalse(summing.out().contains("[2/2]"), "nothing was left to run: " + summing.out());
    assertSame(whole, out);
  }

  @Test
  void anInterruptedComparisonGoesOnToTheSameBytes() throws IOException {
    Path out = folder.resolve("broken");
    copy(whole, out);
    Path lion = out.resolve("cells").resolve(LION);
    delete(lion.resolve("result.json")); // interrupted before its last stage
    delete(out.resolve("cells").resolve(TAXI).resolve("result.json"));
    delete(out.resolve("cells").resolve(TAXI).resolve("evaluation")); // before the last two
    Files.writeString(lion.resolve("claim"), "process 1\n"); // its owner is gone
    Files.createDirectory(lion.resolve("evaluation.partial-0123abcd")); // nor could it tidy up
    Files.writeString(lion.resolve(".result.json.0123abcd.partial"), "{");
    delete(out.resolve("base/kept.safetensors"));
    delete(out.resolve("summary.json"));
    CommandRun.good(compare(out, METHODS, "--concepts=lion,taxi"));
    assertSame(whole, out);
  }

  @Test
  void aComparisonGrowsToTheSameBytes() throws IOException {
    Path out = folder.resolve("grown");
    CommandRun.good(compare(out, METHODS, "--concepts=lion", "--discard-models"));
    assertFalse(Files.exists(out.resolve("cells").resolve(LION).resolve("model/unet")));
    CommandRun.good(compare(out, METHODS, "--concepts=taxi"));
    assertArrayEquals(
        Files.readAllBytes(whole.resolve("results.csv")),
        Files.readAllBytes(out.resolve("results.csv")));
    assertEquals(withoutMeasured(whole, "summary.json"), withoutMeasured(out, "summary.json"));
  }

  @Test
  void aFailedCellStopsNoOther() throws IOException {
    Path out = folder.resolve("failing");
    Path lion = Files.createDirectories(out.resolve("cells").resolve(LION));
    Files.writeString(lion.resolve("model.unfinished"), "in the way");
    CommandRun run = CommandRun.of(compare(out, METHODS, "--concepts=lion,taxi"));
    assertEquals(3, run.status(), run.err());
    assertTrue(run.out().contains("failed: "), run.out());
    JsonNode failed = json(lion.resolve("result.json"));
    assertEquals("failed", failed.path("status").asString());
    assertTrue(failed.path("error").asString().contains("model.unfinished"), failed.toString());
    JsonNode summary = json(out.resolve("summary.json"));
    assertEquals(1, summary.path("ok").asInt());
    assertEquals("lion", summary.at("/failed/0/concept").asString());

    Files.delete(lion.resolve("model.unfinished"));
    CommandRun again = CommandRun.of(compare(out, METHODS, "--concepts=lion,taxi"));
    assertEquals(3, again.status(), "a failure is a result, unless it is to be tried again");
    CommandRun.good(compare(out, METHODS, "--concepts=lion,taxi", "--retry-failed"));
    assertSame(whole, out);
  }

  @Test
  void editedModelsAreAttackedWhereThatIsWanted() throws IOException {
    Path out = folder.resolve("attacked");
    CommandRun run =
        CommandRun.good(
            compare(
                out,
                "--methods=uce",
                "--concepts=lion",
                "--attack=textual-inversion",
                "--attack-steps=1",
                "--attack-restarts=1",
                "--attack-batch=1",
                "--attack-pictures=1",
                "--attack-count=2",
                "--attack-drawing-steps=2",
                "--discard-models"));
    assertTrue(run.out().contains("attacked, uce draws the concept again"), run.out());
    Path cell = out.resolve("cells/uce-lion-0");
    JsonNode attack = json(cell.resolve("attack/attack.json"));
    assertEquals(2, attack.at("/base/pictures").asInt());
    assertEquals(
        attack.path("best").asDouble(),
        json(cell.resolve("result.json")).at("/attack/best").asDouble());
    assertEquals(
        attack.path("best").asDouble(),
        json(out.resolve("summary.json")).at("/methods/0/attack/mean").asDouble());
    assertTrue(Files.exists(cell.resolve("model/edit.safetensors")), "small enough to keep");
  }

  @Test
  void mistakesAreNamedBeforeAnythingIsWritten() throws IOException {
    Path out = folder.resolve("o");
    refused(List.of("no method 'esdd'"), out, "--methods=esdd", "--concepts=lion");
    refused(List.of("--stpes", "means nothing"), out, "--methods=esd:stpes=1", "--concepts=lion");
    refused(List.of("OPTION=VALUE"), out, "--methods=esd:steps", "--concepts=lion");
    refused(List.of("no label", "lion"), out, "--methods=esd", "--concepts=lino");
    refused(List.of("blank"), out, "--methods=esd", "--concepts=lion, ");
    refused(List.of("--seeds"), out, "--methods=esd", "--concepts=lion", "--seeds=0");
    refused(List.of("no attack 'x'"), out, METHODS, "--concepts=lion", "--attack=x");
    refused(List.of("share the folder"), out, "--methods=esd,ESD", "--concepts=lion");
    assertFalse(Files.exists(out));
    refused(List.of("another evaluation"), whole, METHODS, "--concepts=lion,taxi", "--steps=3");
    refused(
        List.of("another names to preserve"), whole, METHODS, "--concepts=lion", "--preserve=cat");
  }

  @Test
  void jobsThatAreNotWhatTheyShouldBeAreRefused() throws IOException {
    Path job = whole.resolve("cells").resolve(LION).resolve("cell.json");
    Path own = folder.resolve("cell.json");
    CommandRun.refused(List.of("no file"), "run-cell", own.toString());
    Files.writeString(own, "{}");
    CommandRun.refused(List.of("cell.json", "not what Lethe writes"), "run-cell", own.toString());
    ObjectNode changed = (ObjectNode) json(job);
    Files.writeString(own, changed.deepCopy().put("speed", 3).toString());
    CommandRun.refused(List.of("cell.json", "speed"), "run-cell", own.toString());
    Files.writeString(own, changed.deepCopy().put("format", "lethe cell 9").toString());
    CommandRun.refused(List.of("lethe cell 9"), "run-cell", own.toString());
    Files.writeString(own, changed.deepCopy().put("model", "/no/such").toString());
    CommandRun.refused(List.of("/no/such"), "run-cell", own.toString());
    Files.writeString(own, changed.deepCopy().put("base_hash", "0123").toString());
    CommandRun.refused(List.of("not the one", "0123"), "run-cell", own.toString());
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(own), files.toList());
    }
  }

  private static void refused(List<String> words, Path out, String... more) {
    List<String> arguments = new ArrayList<>(List.of("compare", "--out=" + out));
    ground().stream()
        .filter(option -> Stream.of(more).noneMatch(given -> sameOption(given, option)))
        .forEach(arguments::add);
    arguments.addAll(List.of(more));
    CommandRun.refused(words, arguments.toArray(String[]::new));
  }

  private static boolean sameOption(String one, String other) {
    return one.split("=", 2)[0].equals(other.split("=", 2)[0]);
  }

  /** All files are the same, but for what was measured, which the report shows too. */
  private static void assertSame(Path expected, Path actual) throws IOException {
    assertEquals(files(expected), files(actual));
    for (String file : files(expected)) {
      if (file.endsWith(".json")) {
        assertEquals(withoutMeasured(expected, file), withoutMeasured(actual, file), file);
      } else if (!file.endsWith("measured.csv") && !file.endsWith("report.html")) {
        assertArrayEquals(
            Files.readAllBytes(expected.resolve(file)),
            Files.readAllBytes(actual.resolve(file)),
            file);
      }
    }
  }

  private static String withoutMeasured(Path folder, String file) {
    return json(folder.resolve(file)) instanceof ObjectNode object
        ? object.without("measured").toString()
        : "";
  }

  private static TreeSet<String> files(Path folder) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      TreeSet<String> names = new TreeSet<>();
      walk.filter(Files::isRegularFile)
          .forEach(file -> names.add(folder.relativize(file).toString()));
      return names;
    }
  }

  private static JsonNode json(Path file) {
    return new JsonMapper().readTree(file);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> walk = Files.walk(from)) {
      for (Path path : walk.toList()) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    }
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> walk = Files.walk(tree)) {
      for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
