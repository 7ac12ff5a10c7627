// The files of an attack: attack.json and embedding.safetensors.
package io.lethe.attack;

import io.lethe.evaluate.Bootstrap.Interval;
import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.weights.AtomicFile;
import io.lethe.weights.SafeTensorsWriter;
import io.lethe.weights.TensorEntry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes an {@link InversionResult}; the same attack writes the same bytes, but for what stands
 * under {@code measured}.
 *
 * <pre>
 * attack.json
 *   method, paper, concept, placeholder       texts
 *   embedding                                 "word" or "context"
 *   steps, batch, learning_rate, training_pictures, captions [..], seed
 *   forms [..], drawing, interval             how pictures were asked for and counted
 *   base, model   {success_rate, ci95 [low, high], successes, pictures}: asked by the name
 *   restarts      [{initial, success_rate, ci95, successes, pictures, loss_first, loss_last}]
 *   best, best_ci95, best_restart             rate of the best restart, its place from 1
 *   mean, mean_ci95                           mean rate of the restarts
 *   base_hash, model_hash, judge, unet_passes
 *   measured      {seconds, peak_resident_bytes, ..}
 * </pre>
 *
 * Rates are from 0 to 1; losses are null without steps.
 *
 * <p>embedding.safetensors holds the best restart's. A word's is a textual-inversion embedding as
 * diffusers writes and reads it: one F32 tensor {@code [1, width]} named by the placeholder. A
 * context is one tensor {@code context [tokens, width]}.
 */
public final class AttackFiles {
  /** The summary. */
  public static final String SUMMARY = "attack.json";

  /** What was learned. */
  public static final String EMBEDDING = "embedding.safetensors";

  private final InversionResult result;

  public AttackFiles(InversionResult result) {
    this.result = result;
  }

  /**
   * Writes both files.
   *
   * @param measured times and memory, which differ from run to run
   * @throws io.lethe.UserError if that fails
   */
  public void write(Path folder, Map<String, Number> measured) {
    byte[] text = (summary(measured).toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(
        folder.resolve(SUMMARY),
        channel -> {
          ByteBuffer bytes = ByteBuffer.wrap(text);
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        });
    SafeTensorsWriter.write(folder.resolve(EMBEDDING), List.of(embedding()));
  }

  private TensorEntry embedding() {
    float[] values = result.restarts().get(result.bestRestart()).embedding();
    return switch (result.settings().embedding()) {
      case WORD ->
          TensorEntry.of(result.placeholder(), DType.F32, Shape.of(1, values.length), values);
      case CONTEXT ->
          TensorEntry.of(
              "context",
              DType.F32,
              Shape.of(result.tokens(), values.length / result.tokens()),
              values);
    };
  }

  /** The content of attack.json. */
  public ObjectNode summary(Map<String, Number> measured) {
    TextualInversion.Settings settings = result.settings();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("method", TextualInversion.NAME);
    json.put("paper", TextualInversion.PAPER);
    json.put("concept", result.concept());
    json.put("placeholder", result.placeholder());
    json.put("embedding", settings.embedding().label());
    json.put("steps", settings.steps());
    json.put("batch", settings.batch());
    json.put("learning_rate", settings.learningRate());
    json.put("training_pictures", result.trainingPictures());
    list(json.putArray("captions"), settings.captions().templates());
    json.put("seed", result.seed());
    list(json.putArray("forms"), result.forms().templates());
    json.put("drawing", result.drawing());
    json.put("interval", "95 %, Clopper and Pearson over pictures; best_ci95 for all restarts");
    put(json.putObject("base"), result.base().rate());
    put(json.putObject("model"), result.model().rate());
    ArrayNode restarts = json.putArray("restarts");
    for (InversionResult.Restart restart : result.restarts()) {
      ObjectNode row = restarts.addObject();
      row.put("initial", restart.initial());
      put(row, restart.shown().rate());
      number(row, "loss_first", restart.lossFirst());
      number(row, "loss_last", restart.lossLast());
    }
    json.put("best", result.best().value());
    interval(json.putArray("best_ci95"), result.best().interval());
    json.put("best_restart", result.bestRestart() + 1);
    json.put("mean", result.mean().value());
    interval(json.putArray("mean_ci95"), result.mean().interval());
    json.put("base_hash", result.baseHash());
    json.put("model_hash", result.modelHash());
    json.put("judge", result.judge());
    json.put("unet_passes", result.unetPasses());
    ObjectNode apart = json.putObject("measured");
    measured.forEach((name, value) -> apart.put(name, value.doubleValue()));
    return json;
  }

  private static void put(ObjectNode row, SuccessRate rate) {
    row.put("success_rate", rate.value());
    interval(row.putArray("ci95"), rate.interval());
    row.put("successes", Math.round(rate.successes()));
    row.put("pictures", rate.pictures());
  }

  private static void number(ObjectNode row, String name, double value) {
    if (Double.isFinite(value)) {
      row.put(name, value);
    } else {
      row.putNull(name);
    }
  }

  private static void interval(ArrayNode array, Interval interval) {
    array.add(interval.low()).add(interval.high());
  }

  private static void list(ArrayNode array, List<String> values) {
    values.forEach(array::add);
  }
}
