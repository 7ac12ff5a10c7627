// How long SPEED takes at the size of Stable Diffusion 1.4, on random matrices of its shapes.
package io.lethe.bench;

import com.sun.management.OperatingSystemMXBean;
import io.lethe.backend.Parallel;
import io.lethe.backend.cpu.Cpu;
import io.lethe.diffusion.TorchRandom;
import io.lethe.erase.closed.NullSpaceEdit;
import io.lethe.erase.dense.Matrix;
import io.lethe.erase.dense.Products;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;

/**
 * {@code NullSpaceRates CONCEPTS PRESERVED few|celebrities [THREADS [ROUNDS]]}: the 16 value
 * projections (5 of 320 outputs, 5 of 640, 6 of 1280, from 768), some times over, without
 * embeddings and files. The embeddings have the length of real ones (about 28) and a common part of
 * half their energy.
 */
public final class NullSpaceRates {
  private static final int WIDTH = 768;
  private static final int[] OUTPUTS = {
    320, 320, 640, 640, 1280, 1280, 1280, 1280, 1280, 1280, 640, 640, 640, 320, 320, 320
  };

  private NullSpaceRates() {}

  public static void main(String[] arguments) {
    int concepts = Integer.parseInt(arguments[0]);
    int preserved = Integer.parseInt(arguments[1]);
    boolean few = arguments[2].equals("few");
    int threads =
        arguments.length > 3
            ? Integer.parseInt(arguments[3])
            : Runtime.getRuntime().availableProcessors();
    NullSpaceEdit.Settings settings =
        few
            ? new NullSpaceEdit.Settings(true, 10, 0.1, 1, 0)
            : new NullSpaceEdit.Settings(false, 10, 1e-4, 0.05, 0);
    int rounds = arguments.length > 4 ? Integer.parseInt(arguments[4]) : 3;
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    try (Cpu cpu = new Cpu(threads)) {
      TorchRandom random = new TorchRandom(1);
      Matrix common = normal(random, 1, 0.7);
      Matrix targets = embeddings(random, concepts, common);
      Matrix guides = embeddings(random, concepts, common);
      Matrix kept = embeddings(random, preserved, common);
      Matrix empty = embeddings(random, 76, common);
      Matrix[] weights =
          Arrays.stream(OUTPUTS)
              .mapToObj(outputs -> normal(random, outputs, 0.05))
              .toArray(Matrix[]::new);
      for (int round = 0; round < rounds; round++) {
        long processor = system.getProcessCpuTime();
        long start = System.nanoTime();
        NullSpaceEdit edit =
            new NullSpaceEdit(
                new Products(Parallel.ALONE),
                new NullSpaceEdit.Targets(targets, guides, concepts),
                kept,
                NullSpaceEdit.invariants(empty.rows(0, 1), empty),
                settings);
        NullSpaceEdit.Layer[] layers = new NullSpaceEdit.Layer[weights.length];
        cpu.parallel()
            .run(layers.length, l -> layers[l] = edit.solve(weights[l], new TorchRandom(l)));
        double solved = (System.nanoTime() - start) * 1e-9;
        Products products = new Products(cpu.parallel());
        for (int l = 0; l < layers.length; l++) { // W' = W + (W left^T) right
          products.addProduct(
              products.productTransposed(weights[l], layers[l].factor().left()),
              false,
              layers[l].factor().right(),
              false,
              weights[l].copy());
        }
        System.out.printf(
            Locale.ROOT,
            "%d concepts, %d preserved (%d kept, %d copies, %d directions): solved in %.2f s, with"
                + " the products %.2f s; processor %.2f s%n",
            concepts,
            preserved,
            layers[0].kept(),
            layers[0].augmented(),
            layers[0].directions(),
            solved,
            (System.nanoTime() - start) * 1e-9,
            (system.getProcessCpuTime() - processor) * 1e-9);
      }
    }
  }

  private static Matrix normal(TorchRandom random, int rows, double scale) {
    return Matrix.of(rows, WIDTH, random.randn(rows * WIDTH)).times(scale);
  }

  private static Matrix embeddings(TorchRandom random, int rows, Matrix common) {
    Matrix result = normal(random, rows, 0.7);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < WIDTH; j++) {
        result.set(i, j, result.get(i, j) + common.get(0, j));
      }
    }
    return result;
  }
}
