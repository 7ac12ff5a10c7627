// metrics.json: everything that decides and describes an erasure; what differs from run to run
// stands apart.
package io.lethe.cli;

import io.lethe.diffusion.DiffusionModel;
import io.lethe.erase.ErasedModel;
import io.lethe.erase.ErasureMethod;
import io.lethe.erase.ErasureRun;
import io.lethe.weights.AtomicFile;
import io.lethe.weights.ModelFolderWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The same run writes the same bytes, but for what stands under {@code measured}. */
final class ErasureMetrics {
  private static final JsonMapper MAPPER = new JsonMapper();

  private final ObjectNode json = JsonNodeFactory.instance.objectNode();
  private final ObjectNode measured = JsonNodeFactory.instance.objectNode();

  ErasureMetrics(
      EraseJob.Order order,
      ErasureMethod method,
      ErasureRun run,
      ErasedModel erased,
      ModelFolderWriter.Written written,
      String baseHash) {
    json.put("method", method.name());
    json.put("paper", method.paper());
    json.set("concepts", MAPPER.valueToTree(order.concepts()));
    json.set("erase_from", MAPPER.valueToTree(order.eraseFrom()));
    json.set("preserve", MAPPER.valueToTree(order.preserve()));
    json.put("seed", order.seed());
    json.set("settings", MAPPER.valueToTree(order.options().settings()));
    json.put("backend", run.backend().name());
    ObjectNode hashes = json.putObject("hashes");
    hashes.put("base", baseHash);
    json.put("unet_passes", erased.unetPasses());
    json.put("fill_passes", erased.fillPasses());
    json.put("rounding_share_of_change", written.rounding().share());
    json.set("left_out", MAPPER.valueToTree(written.leftOut()));
    json.set("notes", MAPPER.valueToTree(erased.notes()));
    ObjectNode losses = json.putObject("losses");
    for (Map.Entry<String, List<Double>> entry : erased.losses().entrySet()) {
      losses.set(entry.getKey(), MAPPER.valueToTree(entry.getValue()));
    }
    json.set("search_history", MAPPER.valueToTree(erased.searchHistory()));
    json.set("word_weights", MAPPER.valueToTree(erased.wordWeights()));
    if (!erased.figures().isEmpty()) {
      json.set("edit", MAPPER.valueToTree(erased.figures()));
    }
    json.set("model_notes", MAPPER.valueToTree(notes(run.base())));
    measured.put("compute_peak_bytes", erased.peakBytes());
  }

  private static List<String> notes(DiffusionModel base) {
    return base.notes();
  }

  /** ESR and PSR of base and erased, as {@code lethe evaluate} writes them. */
  void evaluation(ObjectNode summary) {
    summary.remove("measured");
    json.set("evaluation", summary);
  }

  void hash(String name, String value) {
    ((ObjectNode) json.get("hashes")).put(name, value);
  }

  void measured(String name, double value) {
    measured.put(name, value);
  }

  /** The whole, measured last. */
  ObjectNode json() {
    json.set("measured", measured);
    return json;
  }

  void write(Path file) {
    byte[] text = (json().toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(
        file,
        channel -> {
          ByteBuffer bytes = ByteBuffer.wrap(text);
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        });
  }
}
