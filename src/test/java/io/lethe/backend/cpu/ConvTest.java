// Holds convolutions and their gradients against plain loops in double, for odd shapes.
package io.lethe.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.backend.ConvShape;
import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ConvTest {
  private static final int MOST_THREADS = 3;
  private static final WorkerPool[] POOLS = new WorkerPool[MOST_THREADS];

  /** One for each number of threads, and one that takes the caches for tiny. */
  private static final Conv[] CONVS = new Conv[MOST_THREADS + 1];

  private static final CacheSizes TINY = new CacheSizes(8 << 10, 64 << 10, 128 << 10);

  @BeforeAll
  static void startThreads() {
    for (int i = 0; i < MOST_THREADS; i++) {
      POOLS[i] = new WorkerPool(i + 1);
      CONVS[i] = conv(POOLS[i], new WeightPacks(), CacheSizes.find());
    }
    CONVS[MOST_THREADS] = conv(POOLS[1], new WeightPacks(), TINY);
  }

  @AfterAll
  static void endThreads() {
    for (WorkerPool pool : POOLS) {
      pool.close();
    }
  }

  private static Conv conv(WorkerPool pool, WeightPacks packs, CacheSizes caches) {
    PackedScratch[] scratch = PackedScratch.of(pool);
    GemmProduct product = new GemmProduct(pool, scratch, caches);
    return new Conv(
        product,
        new Gemm(product, new GemmWeightGradient(pool, scratch, caches), packs),
        new WinogradProduct(pool, scratch, caches),
        new ConvWeightGradient(pool, scratch),
        new WinogradWeightGradient(pool, scratch),
        packs);
  }

  static ConvShape[] shapes() {
    return new ConvShape[] {
      ConvShape.square(1, 1, 1, 1, 1, 1, 1, 0),
      ConvShape.square(2, 5, 7, 17, 19, 1, 1, 0),
      ConvShape.square(2, 9, 8, 33, 20, 1, 2, 0),
      ConvShape.square(1, 8, 8, 4, 64, 3, 1, 1),
      ConvShape.square(2, 7, 5, 3, 33, 3, 2, 1),
      ConvShape.square(2, 8, 6, 64, 4, 3, 1, 1),
      ConvShape.square(3, 17, 9, 33, 40, 3, 1, 1),
      ConvShape.square(2, 17, 9, 33, 40, 3, 2, 1),
      ConvShape.square(1, 6, 16, 150, 35, 3, 1, 1),
      ConvShape.square(5, 4, 4, 48, 32, 3, 1, 1),
      ConvShape.square(1, 11, 13, 16, 18, 5, 3, 2),
      ConvShape.square(1, 12, 12, 3, 24, 4, 4, 0),
      ConvShape.square(1, 3, 3, 20, 9, 3, 1, 0),
      new ConvShape(2, 8, 9, 24, 16, 3, 3, 2, 0, 0, 1, 1),
      new ConvShape(1, 6, 7, 18, 5, 2, 3, 1, 1, 0, 0, 2),
      ConvShape.square(2, 16, 16, 40, 70, 3, 1, 1),
      ConvShape.square(3, 9, 7, 20, 64, 3, 1, 1),
      ConvShape.square(2, 9, 11, 64, 64, 3, 2, 1),
      ConvShape.square(1, 6, 5, 150, 128, 3, 1, 1),
      // by Winograd's filtering: odd sides, narrow pictures, several of them, other paddings
      ConvShape.square(2, 17, 15, 64, 64, 3, 1, 1),
      ConvShape.square(1, 5, 40, 48, 128, 3, 1, 1),
      ConvShape.square(3, 40, 5, 128, 64, 3, 1, 1),
      ConvShape.square(2, 9, 20, 192, 64, 3, 1, 0),
      new ConvShape(1, 14, 13, 64, 192, 3, 3, 1, 2, 0, 1, 3),
    };
  }

  private static Tensor tensor(String name, float[] values) {
    return Tensor.of(name, Shape.of(values.length), values);
  }

  /** Calls {@code visit} for every product of the definition. */
  private static void walk(ConvShape s, Visit visit) {
    for (int n = 0; n < s.n(); n++) {
      for (int p = 0; p < s.outHeight(); p++) {
        for (int q = 0; q < s.outWidth(); q++) {
          for (int r = 0; r < s.kernelHeight(); r++) {
            for (int t = 0; t < s.kernelWidth(); t++) {
              int h = p * s.stride() + r - s.padTop();
              int w = q * s.stride() + t - s.padLeft();
              if (h < 0 || h >= s.height() || w < 0 || w >= s.width()) {
                continue;
              }
              int x = ((n * s.height() + h) * s.width() + w) * s.channels();
              int y = ((n * s.outHeight() + p) * s.outWidth() + q) * s.filters();
              for (int f = 0; f < s.filters(); f++) {
                for (int c = 0; c < s.channels(); c++) {
                  int weight =
                      ((f * s.channels() + c) * s.kernelHeight() + r) * s.kernelWidth() + t;
                  visit.product(x + c, weight, y + f);
                }
              }
            }
          }
        }
      }
    }
  }

  private interface Visit {
    void product(int x, int weight, int y);
  }

  private static void compare(
      String what, double[] wanted, double[] sizes, int reduction, float[] got) {
    double bound = GemmTest.bound(reduction);
    for (int i = 0; i < got.length; i++) {
      int index = i;
      assertTrue(
          Math.abs(got[i] - wanted[i]) <= bound * sizes[i],
          () -> what + "[" + index + "] = " + got[index] + ", wanted " + wanted[index]);
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void forwardMeetsTheDefinition(ConvShape s) {
    float[] x = GemmTest.numbers(s.n() * s.height() * s.width() * s.channels(), 1);
    float[] w = GemmTest.numbers(s.filters() * s.taps(), 2);
    float[] bias = GemmTest.numbers(s.filters(), 3);
    int size = s.n() * s.outHeight() * s.outWidth() * s.filters();
    double[] wanted = new double[size];
    double[] sizes = new double[size];
    for (int i = 0; i < size; i++) {
      wanted[i] = bias[i % s.filters()];
      sizes[i] = Math.abs(wanted[i]);
    }
    walk(
        s,
        (xi, wi, yi) -> {
          double term = (double) x[xi] * w[wi];
          wanted[yi] += term;
          sizes[yi] += Math.abs(term);
        });
    float[] first = null;
    for (Conv conv : CONVS) {
      float[] y = GemmTest.numbers(size, 4);
      conv.forward(s, tensor("x", x), tensor("w", w), tensor("bias", bias), tensor("y", y));
      if (first == null) {
        first = y;
        compare("y", wanted, sizes, s.taps(), y);
      }
      assertArrayEquals(first, y, 0f, "results depend on threads or caches");
    }
    float[] fromFile = new float[size];
    Tensor mapped = GemmTest.mapped(DType.F32, Shape.of(w.length), w);
    conv(POOLS[1], new WeightPacks(), CacheSizes.find())
        .forward(s, tensor("x", x), mapped, tensor("bias", bias), tensor("y", fromFile));
    assertArrayEquals(first, fromFile, 0f);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void inputGradientMeetsTheDefinition(ConvShape s) {
    float[] dy = GemmTest.numbers(s.n() * s.outHeight() * s.outWidth() * s.filters(), 5);
    float[] w = GemmTest.numbers(s.filters() * s.taps(), 6);
    int size = s.n() * s.height() * s.width() * s.channels();
    double[] wanted = new double[size];
    double[] sizes = new double[size];
    walk(
        s,
        (xi, wi, yi) -> {
          double term = (double) dy[yi] * w[wi];
          wanted[xi] += term;
          sizes[xi] += Math.abs(term);
        });
    float[] first = null;
    for (Conv conv : CONVS) {
      float[] dx = GemmTest.numbers(size, 7);
      conv.inputGradient(s, tensor("dy", dy), tensor("w", w), tensor("dx", dx));
      if (first == null) {
        first = dx;
        int reduction = s.filters() * s.kernelHeight() * s.kernelWidth();
        compare("dx", wanted, sizes, reduction, dx);
      }
      assertArrayEquals(first, dx, 0f, "results depend on threads or caches");
    }
    float[] fromFile = new float[size];
    Tensor mapped = GemmTest.mapped(DType.F32, Shape.of(w.length), w);
    conv(POOLS[1], new WeightPacks(), CacheSizes.find())
        .inputGradient(s, tensor("dy", dy), mapped, tensor("dx", fromFile));
    assertArrayEquals(first, fromFile, 0f);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void weightGradientIsAddedAndMeetsTheDefinition(ConvShape s) {
    float[] dy = GemmTest.numbers(s.n() * s.outHeight() * s.outWidth() * s.filters(), 8);
    float[] x = GemmTest.numbers(s.n() * s.height() * s.width() * s.channels(), 9);
    int size = s.filters() * s.taps();
    float[] before = GemmTest.numbers(size, 10);
    double[] wanted = new double[size];
    double[] sizes = new double[size];
    for (int i = 0; i < size; i++) {
      wanted[i] = before[i];
      sizes[i] = Math.abs(before[i]);
    }
    walk(
        s,
        (xi, wi, yi) -> {
          double term = (double) dy[yi] * x[xi];
          wanted[wi] += term;
          sizes[wi] += Math.abs(term);
        });
    float[] first = null;
    for (Conv conv : CONVS) {
      float[] dw = before.clone();
      conv.weightGradient(s, tensor("dy", dy), tensor("x", x), tensor("dw", dw));
      if (first == null) {
        first = dw;
        compare("dw", wanted, sizes, s.n() * s.outHeight() * s.outWidth(), dw);
      }
      assertArrayEquals(first, dw, 0f, "results depend on threads or caches");
    }
  }
}
