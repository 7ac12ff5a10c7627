// Speed of what only moves numbers: channels, pictures, rows of tables.
package io.lethe.bench;

import io.lethe.backend.cpu.Cpu;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * {@code giga} is GB/s, each operand counted once; what the caches hold may pass the memory's peak.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(5)
public class MovementBenchmark {
  /** Rows of the embedding table, as many as CLIP has words. */
  private static final int WORDS = 49408;

  /** Batch, height = width, channels. */
  @Param({"1x64x320", "16x16x64"})
  public String shape;

  private PeakRates peak;
  private Cpu cpu;
  private int size;
  private double bytes;
  private int[] ids;
  private Tensor x;
  private Tensor y;
  private Tensor joined;
  private Tensor doubled;
  private Tensor table;

  @Setup(Level.Trial)
  public void prepare() {
    cpu = new Cpu();
    peak = PeakRates.measure(cpu.threads());
    String[] e = shape.split("x", -1);
    int n = Integer.parseInt(e[0]);
    size = Integer.parseInt(e[1]);
    int channels = Integer.parseInt(e[2]);
    int pixels = size * size;
    Shape picture = Shape.of(n, pixels, channels);
    bytes = (double) picture.elements() * Float.BYTES;
    x = AttentionBenchmark.signal(picture, 1);
    y = AttentionBenchmark.signal(picture, 2);
    joined = AttentionBenchmark.signal(picture.withLast(2L * channels), 3);
    doubled = AttentionBenchmark.signal(Shape.of(n, 4L * pixels, channels), 4);
    table = AttentionBenchmark.signal(Shape.of(WORDS, channels), 5);
    ids = new SplittableRandom(6).ints((long) n * pixels, 0, WORDS).toArray();
  }

  @TearDown
  public void close() {
    cpu.close();
  }

  @Benchmark
  public void concatChannels(PeakShare share) {
    cpu.concatChannels(x, y, joined);
    share.add(4 * bytes, peak.bytes());
  }

  @Benchmark
  public void splitChannels(PeakShare share) {
    cpu.splitChannels(joined, x.shape().dim(-1), x, y);
    share.add(4 * bytes, peak.bytes());
  }

  @Benchmark
  public void copy(PeakShare share) {
    cpu.copy(x, 0, y, 0, x.shape().size());
    share.add(2 * bytes, peak.bytes());
  }

  @Benchmark
  public void upsampleNearest(PeakShare share) {
    cpu.upsampleNearest(size, size, x, doubled);
    share.add(5 * bytes, peak.bytes());
  }

  @Benchmark
  public void upsampleNearestBackward(PeakShare share) {
    cpu.upsampleNearestBackward(size, size, doubled, x);
    share.add(5 * bytes, peak.bytes());
  }

  @Benchmark
  public void gatherRows(PeakShare share) {
    cpu.gatherRows(table, ids, x);
    share.add(2 * bytes, peak.bytes());
  }

  @Benchmark
  public void scatterAddRows(PeakShare share) {
    cpu.scatterAddRows(x, ids, table);
    share.add(3 * bytes, peak.bytes());
  }
}
