// The roofs that benchmarks are held against: what this machine's cores and memory do at best.
package io.lethe.bench;

import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rates of all threads together, measured in this JVM and not read from a data sheet.
 *
 * @param flops floating-point operations a second of fused multiply-adds in registers
 * @param bytes bytes a second, read and written, of copying arrays that no cache holds
 */
record PeakRates(double flops, double bytes) {
  private static final VectorSpecies<Float> SPECIES =
      VectorSpecies.of(
          float.class,
          VectorShape.forBitSize(
              Integer.getInteger(
                  "lethe.vectorBits", FloatVector.SPECIES_PREFERRED.vectorBitSize())));

  private static final int TURNS = 1 << 20;
  private static final int CHAINS = 12;
  private static final int COPIED_FLOATS = 1 << 24;
  private static final int ROUNDS = 12;

  /** The best of several rounds. */
  static PeakRates measure(int threads) {
    double flops = 0;
    double bytes = 0;
    for (int round = 0; round < ROUNDS; round++) {
      flops = Math.max(flops, 2.0 * TURNS * CHAINS * SPECIES.length() * rate(threads, false));
      bytes = Math.max(bytes, 2.0 * COPIED_FLOATS * Float.BYTES * rate(threads, true));
    }
    return new PeakRates(flops, bytes);
  }

  /** Runs of one body a second, over all threads. */
  private static double rate(int threads, boolean copy) {
    List<Thread> others = new ArrayList<>();
    double[] seconds = new double[threads];
    for (int i = 0; i < threads; i++) {
      int index = i;
      others.add(Thread.ofPlatform().start(() -> seconds[index] = copy ? copy() : multiplyAdd()));
    }
    for (Thread thread : others) {
      try {
        thread.join();
      } catch (InterruptedException interrupt) {
        Thread.currentThread().interrupt();
        return 0;
      }
    }
    double sum = 0;
    for (double time : seconds) {
      sum += 1 / time;
    }
    return sum;
  }

  private static double copy() {
    float[] from = new float[COPIED_FLOATS];
    float[] to = new float[COPIED_FLOATS];
    System.arraycopy(from, 0, to, 0, COPIED_FLOATS);
    long start = System.nanoTime();
    System.arraycopy(from, 0, to, 0, COPIED_FLOATS);
    return (System.nanoTime() - start) * 1e-9;
  }

  private static double multiplyAdd() {
    long start = System.nanoTime();
    float result = chains(TURNS);
    double seconds = (System.nanoTime() - start) * 1e-9;
    if (Float.isNaN(result)) {
      throw new IllegalStateException("a sum of numbers is none");
    }
    return seconds;
  }

  private static float chains(int turns) {
    FloatVector a = FloatVector.broadcast(SPECIES, 0.5f);
    FloatVector b = FloatVector.broadcast(SPECIES, 0.25f);
    FloatVector c0 = b;
    FloatVector c1 = b;
    FloatVector c2 = b;
    FloatVector c3 = b;
    FloatVector c4 = b;
    FloatVector c5 = b;
    FloatVector c6 = b;
    FloatVector c7 = b;
    FloatVector c8 = b;
    FloatVector c9 = b;
    FloatVector c10 = b;
    FloatVector c11 = b;
    for (int turn = 0; turn < turns; turn++) {
      c0 = c0.fma(a, b);
      c1 = c1.fma(a, b);
      c2 = c2.fma(a, b);
      c3 = c3.fma(a, b);
      c4 = c4.fma(a, b);
      c5 = c5.fma(a, b);
      c6 = c6.fma(a, b);
      c7 = c7.fma(a, b);
      c8 = c8.fma(a, b);
      c9 = c9.fma(a, b);
      c10 = c10.fma(a, b);
      c11 = c11.fma(a, b);
    }
    FloatVector sum = c0.add(c1).add(c2).add(c3).add(c4).add(c5);
    return sum.add(c6).add(c7).add(c8).add(c9).add(c10).add(c11).lane(0);
  }
}
