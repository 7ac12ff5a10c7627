// What lethe evaluate writes is what the report reads, and nothing half is taken for whole.
package io.lethe.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import io.lethe.diffusion.Picture;
import io.lethe.diffusion.ProgressListener;
import io.lethe.evaluate.Evaluation;
import io.lethe.evaluate.EvaluationPlan;
import io.lethe.evaluate.EvaluationReport;
import io.lethe.evaluate.Judge;
import io.lethe.evaluate.Metric;
import io.lethe.evaluate.Painter;
import io.lethe.evaluate.PromptForms;
import io.lethe.evaluate.Ranking;
import io.lethe.evaluate.ScoreCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class EvaluationFolderTest {
  private static final List<String> LABELS =
      List.of("lion, \"the\" king", "owl\nand mouse", "taxi", "<b>rose</b>");

  @TempDir Path folder;

  /** Draws the number of the prompt's label into one pixel, or always the last one. */
  private record Dots(String hash, boolean forgot) implements Painter {
    @Override
    public List<Picture> paint(List<String> prompts, long[] seeds) {
      List<Picture> pictures = new ArrayList<>();
      for (int i = 0; i < prompts.size(); i++) {
        String prompt = prompts.get(i);
        int label = LABELS.indexOf(prompt.replaceFirst("^an? ", ""));
        boolean wrong = forgot && (label == 0 || seeds[i] % 3 == 0);
        pictures.add(new Picture(1, 1, new byte[] {(byte) (wrong ? 3 - label : label), 0, 0}));
      }
      return pictures;
    }

    @Override
    public String settings() {
      return "dots";
    }
  }

  /** Sees the label whose number it finds. */
  private static final Judge DOTS_JUDGE =
      new Judge() {
        @Override
        public List<String> labels() {
          return LABELS;
        }

        @Override
        public String id() {
          return "dots judge";
        }

        @Override
        public List<Ranking> rank(List<Picture> pictures) {
          return pictures.stream()
              .map(picture -> {
                float[] likeness = new float[LABELS.size()];
                likeness[picture.rgb()[0]] = 1;
                return new Ranking(likeness, 5);
              })
              .toList();
        }
      };

  @Test
  void ratesAreThoseOfTheEvaluationWhateverTheNames() {
    EvaluationPlan plan =
        new EvaluationPlan(
            LABELS.subList(0, 1),
            LABELS.subList(1, 4),
            Set.of(LABELS.get(1)),
            new PromptForms(List.of("{}", "a {}")),
            6,
            5,
            70);
    var result =
        new Evaluation(DOTS_JUDGE, new ScoreCache(), 4)
            .run(
                new Dots("base", false), new Dots("erased", true), plan, ProgressListener.silent());
    EvaluationReport report = new EvaluationReport(result);
    report.write(folder, Map.of());
    EvaluationFolder read = EvaluationFolder.read(folder);
    assertEquals(read.base(), EvaluationFolder.of(report).base());
    assertEquals(read.erased(), EvaluationFolder.of(report).erased());
    assertEquals(30, read.base().size() + read.erased().size() - 12);
    assertEquals(LABELS.subList(0, 1), read.erasedNames());
    assertEquals(LABELS.subList(1, 4), read.keptNames());
    Map<String, Metric> metrics = result.metrics();
    same(metrics.get("esr1"), MetricTable.rates(read, JudgedPicture::isErased, 1, true).get());
    same(metrics.get("psr1"), MetricTable.rates(read, row -> !row.isErased(), 1, false).get());
    same(
        metrics.get("psr1.outside"),
        MetricTable.rates(read, row -> !row.isErased() && !row.known(), 1, false).get());
  }

  private static void same(Metric metric, Rates rates) {
    assertEquals(metric.value(), rates.value());
    assertEquals(metric.base(), rates.base());
    assertEquals(metric.pictures(), rates.pictures());
    assertEquals(metric.prompts(), rates.prompts());
    if (!rates.spread().exact()) {
      assertEquals(metric.interval().low(), rates.spread().low());
      assertEquals(metric.interval().high(), rates.spread().high());
    }
  }

  private static final String HEAD =
      "model,split,vocabulary,concept,prompt,seed,rank,probability,top1,probability1\n";
  private static final String BASE = "base,erased,out,lion,a lion,1,1,0.9,lion,0.9\n";
  private static final String ERASED = "erased,erased,out,lion,a lion,1,4,0.1,owl,0.7\n";

  @Test
  void tablesThatAreNotWholeAreRefused() {
    EvaluationFolder whole = parse(HEAD + BASE + ERASED);
    assertEquals(4, whole.erased().getFirst().rank());
    refused("1 pictures of the base model and 0", HEAD + BASE);
    refused("0 pictures of the base model", HEAD);
    refused("row 1", HEAD + BASE + ERASED.replace(",1,4,", ",2,4,"));
    refused("no column seed", HEAD.replace("seed", "sead") + BASE + ERASED);
    refused("line 3 rank", HEAD + BASE + ERASED.replace(",4,", ",x,"));
    refused("rank is 0", HEAD + BASE + ERASED.replace(",4,", ",0,"));
    refused("between 0 and 1", HEAD + BASE + ERASED.replace("0.1", "1.5"));
    refused("between 0 and 1", HEAD + BASE + ERASED.replace("0.1", "NaN"));
    refused("neither base nor erased", HEAD + BASE + ERASED.replaceFirst("erased", "both"));
    refused("no table of scores", HEAD + BASE + ERASED.replace(",0.7", ",0.7,1,2,3"));
  }

  @Test
  void missingFilesAreNamed() throws IOException {
    refusedFolder("summary.json");
    Files.writeString(folder.resolve("summary.json"), "{}");
    refusedFolder("scores.csv");
  }

  private void refusedFolder(String file) {
    UserError error = assertThrows(UserError.class, () -> EvaluationFolder.read(folder));
    assertTrue(error.getMessage().contains(file), error.getMessage());
  }

  private static EvaluationFolder parse(String scores) {
    return EvaluationFolder.parse(new JsonMapper().createObjectNode(), scores, Path.of("s.csv"));
  }

  private static void refused(String words, String scores) {
    UserError error = assertThrows(UserError.class, () -> parse(scores));
    assertTrue(error.getMessage().contains(words), error.getMessage());
    assertTrue(error.getMessage().contains("s.csv"), error.getMessage());
  }
}
