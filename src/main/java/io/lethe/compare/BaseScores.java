// What the judge makes of the base model's pictures: found once, kept beside the cells.
package io.lethe.compare;

import io.lethe.UserError;
import io.lethe.api.EvaluationSettings;
import io.lethe.api.Lethe;
import io.lethe.api.ModelEvaluation;
import io.lethe.erase.ErasureRun;
import io.lethe.evaluate.EvaluationPlan;
import io.lethe.evaluate.EvaluationPlan.Planned;
import io.lethe.evaluate.Judge;
import io.lethe.evaluate.Ranking;
import io.lethe.evaluate.ScoreCache;
import io.lethe.evaluate.ScoredPicture;
import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.weights.Printable;
import io.lethe.weights.SafeTensorsFile;
import io.lethe.weights.SafeTensorsWriter;
import io.lethe.weights.TensorEntry;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * One file for the kept names, one for each concept that some cell erases: {@code likeness}, {@code
 * [pictures, labels]} in F32, one row a picture. A part is always drawn whole and in the same
 * order, so its bytes do not depend on which cell or process came first.
 */
final class BaseScores {
  private static final String TENSOR = "likeness";
  private static final long WAIT_MILLIS = 500;

  private final Path folder;
  private final Lethe lethe;
  private final Protocol protocol;
  private final BooleanSupplier cancelled;
  private final Map<String, List<Row>> parts = new LinkedHashMap<>();

  /** A judged picture: the name that it was asked for, and its place in the evaluation's cache. */
  private record Row(String concept, ScoreCache.Key key, Ranking ranking) {}

  BaseScores(Path folder, Lethe lethe, Protocol protocol, BooleanSupplier cancelled) {
    this.folder = folder;
    this.lethe = lethe;
    this.protocol = protocol;
    this.cancelled = cancelled;
  }

  /** The base's scores for the evaluation of one erased concept. */
  ScoreCache forConcept(String concept) {
    ScoreCache cache = new ScoreCache();
    for (Row row : part("kept", "")) {
      if (!row.concept().equals(concept)) {
        cache.put(row.key(), row.ranking());
      }
    }
    for (Row row : part("erased-" + Grid.fileName(concept), concept)) {
      cache.put(row.key(), row.ranking());
    }
    return cache;
  }

  private List<Row> part(String name, String concept) {
    return parts.computeIfAbsent(name, key -> readOrDraw(name, concept));
  }

  private List<Row> readOrDraw(String name, String concept) {
    Documents.folder(folder);
    Path file = folder.resolve(name + ".safetensors");
    ModelEvaluation evaluation = evaluation(concept);
    EvaluationPlan plan = plan(evaluation, concept);
    while (!Files.exists(file)) {
      Optional<Claim> claim = Claim.of(folder.resolve(name + ".claim"));
      if (claim.isEmpty()) {
        waitForOther();
        continue;
      }
      try (Claim held = claim.get()) {
        if (!Files.exists(file)) {
          write(file, evaluation, evaluation.judgeBase(plan));
        }
        held.finished();
      }
    }
    return read(file, evaluation, plan);
  }

  private void waitForOther() {
    if (cancelled.getAsBoolean()) {
      throw new ErasureRun.Cancelled("interrupted while another process judges the base");
    }
    lethe.progress().progress("waiting for another process that judges the base", 0, 0);
    try {
      Thread.sleep(WAIT_MILLIS);
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
      throw new ErasureRun.Cancelled("interrupted while another process judges the base");
    }
  }

  private ModelEvaluation evaluation(String concept) {
    return lethe
        .evaluate(lethe.model().folder().path())
        .with(protocol.settings(concept))
        .cancelledBy(cancelled);
  }

  /** The pictures of one concept as an erased one, or, of "", those of all kept names. */
  private EvaluationPlan plan(ModelEvaluation evaluation, String concept) {
    if (concept.isEmpty()) {
      return evaluation.plan();
    }
    EvaluationSettings settings = protocol.settings(concept);
    return new EvaluationPlan(
        List.of(concept),
        List.of(),
        Set.of(),
        evaluation.erased(concept).plan().forms(),
        settings.images(),
        settings.keptImages(),
        settings.seed());
  }

  private void write(Path file, ModelEvaluation evaluation, List<ScoredPicture> rows) {
    int labels = evaluation.judge().labels().size();
    float[] likeness = new float[rows.size() * labels];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i).ranking().likeness(), 0, likeness, i * labels, labels);
    }
    TensorEntry entry = TensorEntry.of(TENSOR, DType.F32, Shape.of(rows.size(), labels), likeness);
    List<String> pictures = rows.stream().map(row -> row.prompt() + " " + row.seed()).toList();
    SafeTensorsWriter.write(file, List.of(entry), identity(evaluation, pictures));
  }

  private Map<String, String> identity(ModelEvaluation evaluation, List<String> pictures) {
    Map<String, String> identity = new LinkedHashMap<>();
    identity.put("model", lethe.hash());
    identity.put("judge", evaluation.judge().id());
    identity.put("labels", String.join("\n", evaluation.judge().labels()));
    identity.put("drawing", evaluation.drawing().toString());
    identity.put("pictures", String.join("\n", pictures));
    return identity;
  }

  private List<Row> read(Path file, ModelEvaluation evaluation, EvaluationPlan plan) {
    Judge judge = evaluation.judge();
    int labels = judge.labels().size();
    List<Planned> planned = plan.pictures(judge.labels());
    List<String> pictures =
        planned.stream().map(picture -> picture.prompt() + " " + picture.seed()).toList();
    float[] likeness;
    try (Arena arena = Arena.ofConfined()) {
      SafeTensorsFile stored = SafeTensorsFile.open(file, arena);
      Shape shape = Shape.of(planned.size(), labels);
      if (!identity(evaluation, pictures).equals(stored.metadata())
          || !stored.tensor(TENSOR).shape().equals(shape)) {
        throw new UserError(
            Printable.quote(file.toString())
                + " holds scores of another model, judge or protocol; remove it to draw them anew");
      }
      likeness = stored.tensor(TENSOR).toFloats();
    }
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < planned.size(); i++) {
      float[] row = new float[labels];
      System.arraycopy(likeness, i * labels, row, 0, labels);
      ScoreCache.Key key =
          new ScoreCache.Key(
              lethe.hash(),
              evaluation.drawing().toString(),
              judge.id(),
              planned.get(i).prompt(),
              planned.get(i).seed());
      rows.add(
          new Row(planned.get(i).concept(), key, new Ranking(row, evaluation.judge().scale())));
    }
    return rows;
  }
}
