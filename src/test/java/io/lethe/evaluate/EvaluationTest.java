// The protocol with a painter and a judge made of numbers, so that every figure can be foreseen.
package io.lethe.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.diffusion.Picture;
import io.lethe.diffusion.ProgressListener;
import io.lethe.evaluate.EvaluationPlan.Planned;
import io.lethe.evaluate.EvaluationResult.ConceptRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EvaluationTest {
  private static final List<String> LABELS = List.of("cat", "dog", "owl", "sun", "tree", "car");

  @TempDir Path folder;

  /** Sees the label whose number is the red value of the picture. */
  private static final class NumberJudge implements Judge {
    @Override
    public List<String> labels() {
      return LABELS;
    }

    @Override
    public List<Ranking> rank(List<Picture> pictures) {
      List<Ranking> rankings = new ArrayList<>();
      for (Picture picture : pictures) {
        float[] likeness = new float[LABELS.size()];
        for (int label = 0; label < likeness.length; label++) {
          likeness[label] = -Math.floorMod(label - picture.channel(0, 0, 0), LABELS.size());
        }
        rankings.add(new Ranking(likeness, 1));
      }
      return rankings;
    }

    @Override
    public String id() {
      return "number judge";
    }
  }

  /** Draws what the prompt ends with, but for some concepts something else. */
  private static final class WordPainter implements Painter {
    private final String hash;
    private final Set<String> forgotten;
    private int drawn;

    WordPainter(String hash, String... forgotten) {
      this.hash = hash;
      this.forgotten = Set.of(forgotten);
    }

    @Override
    public List<Picture> paint(List<String> prompts, long[] seeds) {
      assertEquals(prompts.size(), seeds.length);
      List<Picture> pictures = new ArrayList<>();
      for (String prompt : prompts) {
        drawn++;
        String concept = prompt.substring(prompt.lastIndexOf(' ') + 1);
        int label = LABELS.indexOf(concept);
        int shown = forgotten.contains(concept) ? (label + 1) % LABELS.size() : label;
        pictures.add(new Picture(1, 1, new byte[] {(byte) shown, 0, 0}));
      }
      return pictures;
    }

    @Override
    public String hash() {
      return hash;
    }

    @Override
    public String settings() {
      return "2 steps";
    }
  }

  private static EvaluationPlan plan() {
    return new EvaluationPlan(
        List.of("cat"), List.of("dog", "owl", "sun"), Set.of("dog"), PromptForms.EMOJI, 8, 2, 9000);
  }

  private static EvaluationResult run(EvaluationPlan plan, Painter base, Painter erased) {
    return new Evaluation(new NumberJudge(), new ScoreCache(), 3)
        .run(base, erased, plan, ProgressListener.silent());
  }

  @Test
  void figuresOfAnEraserThatAlsoHurtsAKeptConcept() {
    EvaluationResult result =
        run(plan(), new WordPainter("base"), new WordPainter("edit", "cat", "owl"));
    var metrics = result.metrics();
    assertEquals(1, metrics.get("esr1").value());
    assertEquals(0, metrics.get("esr1").base());
    assertEquals(1, metrics.get("esr1").normalised());
    assertEquals(8, metrics.get("esr1").pictures());
    assertEquals(4, metrics.get("esr1").prompts());
    // A cat that is drawn as a dog stands last among six.
    assertEquals(1, metrics.get("esr5").value());
    assertEquals(2 / 3.0, metrics.get("psr1").value(), 1e-12);
    assertEquals(1, metrics.get("psr1").base());
    assertEquals(1, metrics.get("psr1.vocabulary").value());
    assertEquals(0.5, metrics.get("psr1.outside").value());
    assertTrue(metrics.get("psr1").interval().low() < metrics.get("psr1").interval().high());
    assertEquals(2, metrics.get("esr1.form \"a {}\"").pictures());
    ConceptRow owl = result.concepts().get(2);
    assertEquals("owl", owl.concept());
    assertEquals(1, owl.baseTop1());
    assertEquals(0, owl.top1());
    assertEquals(Set.of("sun"), owl.seen().keySet());
  }

  @Test
  void everyFormIsUsedAndSeedsDependOnTheConceptAlone() {
    List<Planned> pictures = plan().pictures(LABELS);
    assertEquals(14, pictures.size());
    assertEquals(14, pictures.stream().map(Planned::seed).distinct().count());
    assertTrue(pictures.stream().allMatch(picture -> picture.seed() >= 9000));
    Set<String> cats =
        pictures.stream()
            .filter(Planned::isErased)
            .map(Planned::prompt)
            .collect(Collectors.toSet());
    assertEquals(Set.of("cat", "a cat", "an emoji of a cat", "a picture of a cat"), cats);
    EvaluationPlan other =
        new EvaluationPlan(List.of("sun"), List.of("owl"), Set.of(), PromptForms.EMOJI, 8, 2, 9000);
    assertEquals(
        pictures.stream().filter(picture -> picture.concept().equals("owl")).toList(),
        other.pictures(LABELS).stream()
            .filter(picture -> picture.concept().equals("owl"))
            .toList());
  }

  @Test
  void theBaseIsDrawnOnceForSeveralEdits() {
    Evaluation evaluation = new Evaluation(new NumberJudge(), new ScoreCache(), 4);
    WordPainter base = new WordPainter("base");
    EvaluationResult first =
        evaluation.run(base, new WordPainter("a", "cat"), plan(), ProgressListener.silent());
    EvaluationResult second =
        evaluation.run(base, new WordPainter("b", "cat"), plan(), ProgressListener.silent());
    assertEquals(14, base.drawn);
    assertEquals(first.base(), second.base());
  }

  @Test
  void batchesDoNotChangeFigures() {
    WordPainter base = new WordPainter("base");
    WordPainter edit = new WordPainter("edit", "cat");
    EvaluationResult one =
        new Evaluation(new NumberJudge(), new ScoreCache(), 1)
            .run(base, edit, plan(), ProgressListener.silent());
    assertEquals(new EvaluationReport(one).scores(), report(plan()).scores());
  }

  private static EvaluationReport report(EvaluationPlan plan) {
    return new EvaluationReport(run(plan, new WordPainter("base"), new WordPainter("edit", "cat")));
  }

  @Test
  void filesHoldEveryPictureAndTheMetrics() throws IOException {
    report(plan()).write(folder, Map.of("seconds", 1.5));
    List<String> rows = Files.readAllLines(folder.resolve("scores.csv"));
    assertEquals(1 + 2 * 14, rows.size());
    int columns = rows.getFirst().split(",", -1).length;
    assertTrue(rows.stream().allMatch(row -> row.split(",", -1).length == columns));
    JsonNode summary = new JsonMapper().readTree(folder.resolve("summary.json").toFile());
    assertEquals(1, summary.at("/metrics/esr1/value").asDouble());
    assertEquals(0, summary.at("/metrics/esr1/base").asDouble());
    assertEquals(2, summary.at("/metrics/esr1/ci95").size());
    assertEquals("number judge", summary.path("judge").asString());
    assertEquals(4, summary.path("concepts").size());
    assertEquals(1.5, summary.at("/measured/seconds").asDouble());
    assertEquals("edit", summary.path("erased_model").asString());
  }

  @Test
  void fieldsWithCommasAndQuotesAreQuoted() {
    assertEquals("lion", EvaluationReport.field("lion"));
    assertEquals("\"a, \"\"b\"\"\"", EvaluationReport.field("a, \"b\""));
  }

  @Test
  void tableShowsBaseBesideErasedAndWhatWasHurt() {
    EvaluationReport report =
        new EvaluationReport(
            run(plan(), new WordPainter("base"), new WordPainter("edit", "cat", "owl")));
    assertTrue(report.table().contains("PSR-1 outside the vocabulary"), report.table());
    assertTrue(report.damage(5).contains("owl"), report.damage(5));
    assertTrue(!report.damage(5).contains("sun  "), report.damage(5));
  }

  @Test
  void mistakesAreNamed() {
    UserError unknown =
        assertThrows(
            UserError.class,
            () ->
                new EvaluationPlan(List.of("dgo"), List.of(), Set.of(), PromptForms.EMOJI, 1, 1, 0)
                    .pictures(LABELS));
    assertTrue(unknown.getMessage().contains("did you mean \"dog\""), unknown.getMessage());
    assertThrows(UserError.class, () -> plan(List.of("cat"), List.of("cat"), 1));
    assertThrows(UserError.class, () -> plan(List.of(), List.of(), 1));
    assertThrows(UserError.class, () -> plan(List.of("cat"), List.of(), 0));
  }

  private static EvaluationPlan plan(List<String> erased, List<String> kept, int images) {
    return new EvaluationPlan(erased, kept, Set.of(), PromptForms.EMOJI, images, 1, 0);
  }

  @Test
  void aMissingPictureIsAnError() {
    Painter lazy =
        new Painter() {
          @Override
          public List<Picture> paint(List<String> prompts, long[] seeds) {
            return List.of(new Picture(1, 1, new byte[3]));
          }

          @Override
          public String hash() {
            return "lazy";
          }

          @Override
          public String settings() {
            return "";
          }
        };
    assertThrows(LetheException.class, () -> run(plan(), lazy, lazy));
  }
}
