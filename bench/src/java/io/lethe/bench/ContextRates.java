// How fast a text encoder turns words into contexts.
package io.lethe.bench;

import com.sun.management.OperatingSystemMXBean;
import io.lethe.backend.cpu.Cpu;
import io.lethe.diffusion.ContextReach;
import io.lethe.diffusion.TextContexts;
import io.lethe.model.clip.ClipTextModel;
import io.lethe.model.clip.ClipTowerConfig;
import io.lethe.nn.ParameterStore;
import io.lethe.tensor.DType;
import io.lethe.text.ClipTokenizer;
import io.lethe.text.Encoding;
import io.lethe.weights.Checkpoint;
import io.lethe.weights.ModelFolder;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * {@code ContextRates MODEL WORDS content|end|whole [THREADS]}: encodes the first words of a
 * model's tokenizer so far, without the cache on disk, and prints seconds, tokens a second and the
 * share of the machine's peak, both by the clock and by the processor's time, which other processes
 * do not disturb. A first round of a hundred words, which packs the weights, is timed apart.
 */
public final class ContextRates {
  private ContextRates() {}

  public static void main(String[] arguments) {
    Path model = Path.of(arguments[0]);
    int count = Integer.parseInt(arguments[1]);
    ContextReach reach = ContextReach.valueOf(arguments[2].toUpperCase(Locale.ROOT));
    int threads =
        arguments.length > 3
            ? Integer.parseInt(arguments[3])
            : Runtime.getRuntime().availableProcessors();
    try (Arena arena = Arena.ofShared();
        Cpu backend = new Cpu(threads)) {
      ModelFolder folder = ModelFolder.open(model.resolve("text_encoder"), arena);
      Checkpoint checkpoint = folder.weights("text_encoder");
      ClipTextModel encoder =
          new ClipTextModel(
              ClipTowerConfig.text(folder.config("text_encoder")),
              new ParameterStore(DType.F32, (tensor, shape) -> checkpoint.get(tensor)));
      ClipTokenizer tokenizer =
          ClipTokenizer.load(model.resolve("tokenizer"), encoder.config().maxPositionEmbeddings());
      TextContexts contexts = new TextContexts(backend, tokenizer, encoder);
      List<String> words = tokenizer.wholeWords();
      int warm = Math.min(reach == ContextReach.WHOLE ? 8 : 100, words.size());
      time("the first " + warm + " words, with packing", contexts, words.subList(0, warm), reach);
      List<String> rest = words.subList(warm, Math.min(warm + count, words.size()));
      double[] seconds = time(rest.size() + " words", contexts, rest, reach);
      long rows = 0;
      double flops = 0;
      double width = encoder.config().hiddenSize();
      for (String word : rest) {
        Encoding encoding = tokenizer.encode(word);
        int own = reach.rows(encoding) - 1; // the start token is shared
        rows += own;
        double layers = encoder.config().numHiddenLayers();
        flops += own * layers * width * (8 * width + 4 * encoder.config().intermediateSize());
        for (int seen = 2; seen <= own + 1; seen++) {
          flops += 4 * layers * width * seen;
        }
      }
      double peak = PeakRates.measure(1).flops();
      System.out.printf(
          "%s: %d rows, %.3f TFLOP; wall %.1f s (%.0f rows/s, %.1f GFLOP/s);"
              + " processor %.1f s (%.1f GFLOP/s a core, %.0f %% of %.1f)%n",
          reach,
          rows,
          flops * 1e-12,
          seconds[0],
          rows / seconds[0],
          flops * 1e-9 / seconds[0],
          seconds[1],
          flops * 1e-9 / seconds[1],
          100 * flops / seconds[1] / peak,
          peak * 1e-9);
    }
  }

  private static double[] time(
      String what, TextContexts contexts, List<String> words, ContextReach reach) {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long processor = system.getProcessCpuTime();
    long start = System.nanoTime();
    contexts.prepare(words, reach);
    double[] seconds = {
      (System.nanoTime() - start) * 1e-9, (system.getProcessCpuTime() - processor) * 1e-9
    };
    System.out.printf("%s: wall %.1f s, processor %.1f s%n", what, seconds[0], seconds[1]);
    return seconds;
  }
}
