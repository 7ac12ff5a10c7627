// The figures of the erasers on the bundled model: methods x concepts x seeds, each by the full
// protocol.
package io.lethe.bench;

import io.lethe.backend.cpu.Cpu;
import io.lethe.diffusion.DiffusionModel;
import io.lethe.diffusion.Pipeline;
import io.lethe.diffusion.ProgressListener;
import io.lethe.erase.ErasedModel;
import io.lethe.erase.ErasureMethod;
import io.lethe.erase.ErasureRequest;
import io.lethe.erase.ErasureRun;
import io.lethe.erase.MethodOptions;
import io.lethe.erase.Methods;
import io.lethe.erase.Vocabulary;
import io.lethe.evaluate.ClipJudge;
import io.lethe.evaluate.ConceptList;
import io.lethe.evaluate.Evaluation;
import io.lethe.evaluate.EvaluationPlan;
import io.lethe.evaluate.EvaluationResult;
import io.lethe.evaluate.Metric;
import io.lethe.evaluate.PipelinePainter;
import io.lethe.evaluate.PipelinePainter.Drawing;
import io.lethe.evaluate.PromptForms;
import io.lethe.evaluate.ScoreCache;
import io.lethe.weights.ModelFolderWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code ErasureFigures OUT.csv METHOD,... CONCEPT,... SEED,... [option=value ...]}: erases, saves,
 * reads back, evaluates (32 pictures of the concept over four prompt forms, two of each kept name),
 * and appends one row a cell to a CSV file as soon as it is done. The base is drawn once. {@code
 * images=N} and {@code kept=N} change the counts, {@code names=N} evaluates every N-th kept name
 * only, {@code vocabulary=all} gives the eraser every name of the judge and not its half of the
 * drawn ones.
 */
public final class ErasureFigures {
  private static final Path MODELS =
      Path.of(System.getProperty("lethe.home", "."), "src/main/models");
  private static final String HEADER =
      "method,concept,seed,options,esr1,esr5,psr1,psr1.outside,psr5,unet_passes,fill_passes,train_seconds,notes\n";

  private ErasureFigures() {}

  public static void main(String[] arguments) throws IOException {
    Path csv = Path.of(arguments[0]);
    Map<String, String> options = new LinkedHashMap<>();
    for (String option : Arrays.asList(arguments).subList(4, arguments.length)) {
      String[] pair = option.split("=", 2);
      options.put(pair[0], pair[1]);
    }
    int images = take(options, "images", 32);
    int keptImages = take(options, "kept", 2);
    int every = take(options, "names", 1);
    boolean allNames = "all".equals(options.remove("vocabulary"));
    if (!Files.exists(csv)) {
      Files.writeString(csv, HEADER);
    }
    ScoreCache cache = new ScoreCache();
    try (Arena arena = Arena.ofShared();
        Cpu cpu = new Cpu();
        DiffusionModel base = DiffusionModel.open(MODELS.resolve("emoji-sd"), cpu.computeType());
        Pipeline basePipeline = Pipeline.over(base, cpu, base.textEncoder())) {
      ClipJudge judge = ClipJudge.open(MODELS.resolve("emoji-clip"), List.of(), cpu, arena);
      ConceptList concepts = ConceptList.ofFolder(MODELS.resolve("emoji-clip")).orElseThrow();
      Drawing drawing = Drawing.suiting(basePipeline, 25);
      PipelinePainter before = new PipelinePainter(basePipeline, drawing);
      for (String seed : arguments[3].split(",")) {
        for (String concept : arguments[2].split(",")) {
          for (String method : arguments[1].split(",")) {
            Cell cell = new Cell(method, concept, Long.parseLong(seed), allNames, options);
            List<String> kept = new ArrayList<>();
            for (String name : concepts.drawn()) {
              if (!name.equals(concept)) {
                kept.add(name);
              }
            }
            List<String> sampled = new ArrayList<>();
            for (int i = 0; i < kept.size(); i += every) {
              sampled.add(kept.get(i));
            }
            EvaluationPlan plan =
                new EvaluationPlan(
                    List.of(concept),
                    sampled,
                    Set.copyOf(concepts.vocabulary()),
                    PromptForms.EMOJI,
                    images,
                    keptImages,
                    9000);
            String row = cell.run(cpu, base, judge, concepts, before, drawing, cache, plan);
            System.out.print(row);
            Files.writeString(csv, row, StandardOpenOption.APPEND);
          }
        }
      }
    }
  }

  private static int take(Map<String, String> options, String name, int fallback) {
    String given = options.remove(name);
    return given == null ? fallback : Integer.parseInt(given);
  }

  /** One erasure and its evaluation. */
  private record Cell(
      String method, String concept, long seed, boolean allNames, Map<String, String> options) {
    String run(
        Cpu cpu,
        DiffusionModel base,
        ClipJudge judge,
        ConceptList concepts,
        PipelinePainter before,
        Drawing drawing,
        ScoreCache cache,
        EvaluationPlan plan)
        throws IOException {
      Vocabulary vocabulary = new Vocabulary(allNames ? concepts.names() : concepts.vocabulary());
      ErasureRequest request =
          new ErasureRequest(List.of(concept), List.of(), List.of(), vocabulary, seed);
      List<String> retain = vocabulary.without(List.of(concept)).words();
      ErasureMethod eraser =
          Methods.create(
              method,
              new MethodOptions(options),
              false,
              new Methods.Surroundings(List.of(), judge, retain));
      ErasureRun run =
          new ErasureRun(
              cpu,
              base,
              request,
              ProgressListener.silent(),
              Optional.empty(),
              false,
              "",
              () -> false);
      long start = System.nanoTime();
      ErasedModel erased;
      try {
        erased = eraser.erase(run);
      } catch (RuntimeException failure) {
        return "%s,%s,%d,\"%s\",,,,,,,,,\"%s\"%n"
            .formatted(method, concept, seed, options, failure.getMessage());
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      Path folder = Files.createTempDirectory("figures").resolve("model");
      ModelFolderWriter.write(base.folder(), folder, erased.weights(), Optional.empty());
      try (Pipeline edited = Pipeline.open(folder, cpu)) {
        EvaluationResult result =
            new Evaluation(judge, cache, drawing.batch())
                .run(before, new PipelinePainter(edited, drawing), plan, ProgressListener.silent());
        Map<String, Metric> metrics = result.metrics();
        List<String> wrong = new ArrayList<>(erased.notes());
        erased
            .losses()
            .forEach(
                (name, values) -> wrong.add(name + " " + values.size() + ": " + values.getLast()));
        for (EvaluationResult.ConceptRow row : result.concepts()) {
          boolean bad = row.isErased() ? row.top1() > 0 : row.top1() < 1;
          if (bad) {
            wrong.add(row.concept() + " " + Math.round(100 * row.top1()) + " as " + row.seen());
          }
        }
        return String.format(
            Locale.ROOT,
            "%s,%s,%d,\"%s\",%.2f,%.2f,%.2f,%.2f,%.2f,%d,%d,%.1f,\"%s\"%n",
            method,
            concept,
            seed,
            options,
            100 * metrics.get("esr1").value(),
            100 * metrics.get("esr5").value(),
            100 * metrics.get("psr1").value(),
            100 * metrics.get("psr1.outside").value(),
            100 * metrics.get("psr5").value(),
            erased.unetPasses(),
            erased.fillPasses(),
            seconds,
            wrong);
      } finally {
        delete(folder.getParent());
      }
    }

    private static void delete(Path tree) throws IOException {
      List<Path> paths;
      try (var walk = Files.walk(tree)) {
        paths = walk.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path path : paths) {
        Files.delete(path);
      }
    }
  }
}
