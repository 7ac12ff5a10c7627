// Holds products of every orientation, size and weight type against plain loops in double.
package io.lethe.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class GemmTest {
  private static final int MOST_THREADS = 3;
  private static final WorkerPool[] POOLS = new WorkerPool[MOST_THREADS];

  /** One for each number of threads, and one that takes the caches for tiny. */
  private static final Gemm[] GEMMS = new Gemm[MOST_THREADS + 1];

  private static final CacheSizes TINY = new CacheSizes(8 << 10, 64 << 10, 128 << 10);

  @BeforeAll
  static void startThreads() {
    for (int i = 0; i < MOST_THREADS; i++) {
      POOLS[i] = new WorkerPool(i + 1);
      GEMMS[i] = gemm(POOLS[i], new WeightPacks(), CacheSizes.find());
    }
    GEMMS[MOST_THREADS] = gemm(POOLS[1], new WeightPacks(), TINY);
  }

  @AfterAll
  static void endThreads() {
    for (WorkerPool pool : POOLS) {
      pool.close();
    }
  }

  private static Gemm gemm(WorkerPool pool, WeightPacks packs, CacheSizes caches) {
    PackedScratch[] scratch = PackedScratch.of(pool);
    GemmProduct product = new GemmProduct(pool, scratch, caches);
    return new Gemm(product, new GemmWeightGradient(pool, scratch, caches), packs);
  }

  /** Numbers in [-1, 1) from a multiplicative hash, the same in every run. */
  static float[] numbers(int count, int seed) {
    float[] values = new float[count];
    long state = seed * 0x9E3779B97F4A7C15L + 1;
    for (int i = 0; i < count; i++) {
      state = state * 6364136223846793005L + 1442695040888963407L;
      values[i] = (state >> 40) * 0x1p-23f;
    }
    return values;
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "1, 7, 3",
    "2, 256, 64",
    "3, 5, 300",
    "4, 32, 16",
    "5, 33, 17",
    "7, 16, 77",
    "8, 48, 40",
    "11, 31, 9",
    "12, 32, 256",
    "12, 1, 513",
    "13, 65, 257",
    "16, 64, 300",
    "20, 100, 1100",
    "25, 100, 3",
    "77, 40, 77",
    "9, 33, 2100",
    "100, 4, 36",
    "129, 67, 300",
    "40, 320, 770",
    "41, 128, 3200",
    "24, 96, 2048",
    "0, 5, 2048",
    "5, 0, 2048",
    "32, 20, 2600",
    "61, 8, 1"
  })
  void everyOrientationMeetsPlainLoops(int m, int n, int k) {
    for (boolean transposeA : new boolean[] {false, true}) {
      for (boolean transposeB : new boolean[] {false, true}) {
        float[] a = numbers(m * k, 1);
        float[] b = numbers(k * n, 2);
        float[] bias = numbers(n, 3);
        float[] before = numbers(m * n, 4);
        check(transposeA, transposeB, m, n, k, a, b, null, before, false);
        check(transposeA, transposeB, m, n, k, a, b, bias, before, false);
        check(transposeA, transposeB, m, n, k, a, b, null, before, true);
      }
    }
  }

  @Test
  void aRightSideLargerThanTheSharedBufferIsPackedInStretches() {
    int m = 14;
    int n = 1100;
    int k = 1500;
    check(
        false,
        true,
        m,
        n,
        k,
        numbers(m * k, 5),
        numbers(n * k, 6),
        numbers(n, 7),
        new float[m * n],
        false);
  }

  /** Few columns are computed by another loop than many, in the same order of sums. */
  @Test
  void aColumnIsTheSameHoweverManyStandBesideIt() {
    int m = 199;
    int k = 3100;
    int few = 448;
    int many = 600;
    float[] b = numbers(many * k, 9);
    for (boolean transposeA : new boolean[] {false, true}) {
      for (Gemm gemm : GEMMS) {
        float[] wide = product(gemm, transposeA, m, many, k, b);
        float[] narrow = product(gemm, transposeA, m, few, k, b);
        for (int i = 0; i < m; i++) {
          assertArrayEquals(
              Arrays.copyOfRange(wide, i * many, i * many + few),
              Arrays.copyOfRange(narrow, i * few, (i + 1) * few));
        }
      }
    }
  }

  /** Columns are rows of {@code b}, or those of its columns that come first. */
  private static float[] product(
      Gemm gemm, boolean transposeA, int m, int n, int k, float[] numbers) {
    float[] b = Arrays.copyOf(numbers, n * k);
    for (int p = 0; transposeA && p < k; p++) {
      for (int j = 0; j < n; j++) {
        b[p * n + j] = numbers[j * k + p];
      }
    }
    Tensor a = Tensor.of("a", Shape.of(m, k), numbers(m * k, 8));
    float[] c = new float[m * n];
    gemm.multiply(
        transposeA,
        !transposeA,
        m,
        n,
        k,
        a,
        Tensor.of("b", Shape.of(n, k), b),
        null,
        Tensor.of("c", Shape.of(m, n), c),
        false);
    return c;
  }

  private static void check(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      float[] a,
      float[] b,
      float[] bias,
      float[] before,
      boolean accumulate) {
    float[] first = null;
    for (Gemm gemm : GEMMS) {
      float[] c = before.clone();
      gemm.multiply(
          transposeA,
          transposeB,
          m,
          n,
          k,
          Tensor.of("a", Shape.of(m, k), a),
          Tensor.of("b", Shape.of(k, n), b),
          bias == null ? null : Tensor.of("bias", Shape.of(n), bias),
          Tensor.of("c", Shape.of(m, n), c),
          accumulate);
      if (first == null) {
        first = c;
        compare(transposeA, transposeB, m, n, k, a, b, bias, accumulate ? before : null, c);
      } else {
        assertArrayEquals(first, c, 0f, "results depend on threads or caches");
      }
    }
  }

  private static void compare(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      float[] a,
      float[] b,
      float[] bias,
      float[] added,
      float[] c) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = (bias == null ? 0 : bias[j]) + (added == null ? 0 : added[i * n + j]);
        double size = Math.abs(sum);
        for (int p = 0; p < k; p++) {
          double term =
              (double) a[transposeA ? p * m + i : i * k + p]
                  * b[transposeB ? j * k + p : p * n + j];
          sum += term;
          size += Math.abs(term);
        }
        double bound = bound(k) * size;
        int row = i;
        int column = j;
        double wanted = sum;
        assertTrue(
            Math.abs(c[i * n + j] - sum) <= bound,
            () ->
                "c["
                    + row
                    + ", "
                    + column
                    + "] = "
                    + c[row * n + column]
                    + ", wanted "
                    + wanted
                    + " +- "
                    + bound
                    + " for m n k = "
                    + m
                    + " "
                    + n
                    + " "
                    + k);
      }
    }
  }

  /** What rounding may cost, of the sum of magnitudes: it grows as a random walk over the sum. */
  static double bound(int reduction) {
    return (3 + Math.sqrt(reduction)) * 0x1p-24;
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16", "F64"})
  void mappedWeightsGiveTheBytesOfTheirFloats(DType dtype) {
    int m = 19;
    int n = 45;
    int k = 1030;
    float[] rounded = numbers(n * k, 8);
    Tensor mapped = mapped(dtype, Shape.of(n, k), rounded);
    float[] a = numbers(m * Math.max(n, k), 9);
    for (boolean transposeB : new boolean[] {true, false}) {
      int columns = transposeB ? n : k;
      int steps = transposeB ? k : n;
      float[] wanted = new float[m * columns];
      float[] packed = new float[m * columns];
      float[] onTheFly = new float[m * columns];
      Tensor left = Tensor.of("a", Shape.of(m, steps), Arrays.copyOf(a, m * steps));
      WeightPacks kept = new WeightPacks(1 << 20);
      GEMMS[1].multiply(
          false,
          transposeB,
          m,
          columns,
          steps,
          left,
          Tensor.of("b", Shape.of(n, k), rounded),
          null,
          Tensor.of("c", Shape.of(m, columns), wanted),
          false);
      gemm(POOLS[1], kept, CacheSizes.find())
          .multiply(
              false,
              transposeB,
              m,
              columns,
              steps,
              left,
              mapped,
              null,
              Tensor.of("c", Shape.of(m, columns), packed),
              false);
      gemm(POOLS[1], new WeightPacks(0), CacheSizes.find())
          .multiply(
              false,
              transposeB,
              m,
              columns,
              steps,
              left,
              mapped,
              null,
              Tensor.of("c", Shape.of(m, columns), onTheFly),
              false);
      assertTrue(kept.usedBytes() > 0);
      assertArrayEquals(wanted, packed, 0f);
      assertArrayEquals(wanted, onTheFly, 0f);
    }
  }

  /**
   * A weight in memory that stands for a file, at an odd address; {@code values} becomes what it
   * holds.
   */
  static Tensor mapped(DType dtype, Shape shape, float[] values) {
    int bytes = dtype.bytes();
    ByteBuffer buffer =
        ByteBuffer.allocate(values.length * bytes + 1).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < values.length; i++) {
      int at = 1 + i * bytes;
      switch (dtype) {
        case F32 -> buffer.putFloat(at, values[i]);
        case F64 -> buffer.putDouble(at, values[i]);
        case F16 -> {
          short half = Float.floatToFloat16(values[i]);
          buffer.putShort(at, half);
          values[i] = Float.float16ToFloat(half);
        }
        case BF16 -> {
          short high = (short) (Float.floatToIntBits(values[i]) >>> 16);
          buffer.putShort(at, high);
          values[i] = Float.intBitsToFloat(high << 16);
        }
        default -> throw new IllegalArgumentException("no weights of " + dtype);
      }
    }
    MemorySegment whole = MemorySegment.ofArray(buffer.array());
    return Tensor.mapped("w", shape, dtype, whole.asSlice(1, (long) values.length * bytes));
  }

  @Test
  void anEmptyReductionLeavesTheBias() {
    float[] c = {7, 7, 7, 7};
    GEMMS[0].multiply(
        false,
        false,
        2,
        2,
        0,
        Tensor.of("a", Shape.of(2, 0), new float[0]),
        Tensor.of("b", Shape.of(0, 2), new float[0]),
        Tensor.of("bias", Shape.of(2), new float[] {1, 2}),
        Tensor.of("c", Shape.of(2, 2), c),
        false);
    assertArrayEquals(new float[] {1, 2, 1, 2}, c);
  }

  @Test
  void packsAreSharedByViewsAndRefusedBeyondTheBudget() {
    Tensor weight = mapped(DType.F32, Shape.of(4, 4), new float[16]);
    WeightPacks packs = new WeightPacks(100);
    WeightPacks.Form form = new WeightPacks.Form(true, 4, 4, List.of(), 1, false);
    float[] made = packs.find(weight, form, 20, () -> new float[20]);
    assertNotNull(made);
    assertTrue(packs.find(weight.reshape(Shape.of(16)), form, 20, () -> new float[20]) == made);
    assertNull(
        packs.find(
            weight,
            new WeightPacks.Form(false, 4, 4, List.of(), 1, false),
            20,
            () -> new float[20]));
    assertNull(packs.find(Tensor.of("t", Shape.of(1), new float[1]), form, 1, () -> new float[1]));
    assertEquals(80, packs.usedBytes());
  }
}
