// Speed of sums over rows and samples, of norms, and of the losses that are sums.
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
public class SumsBenchmark {
  /** Batch, positions, channels. */
  @Param({"4x1024x320", "16x256x64"})
  public String shape;

  private PeakRates peak;
  private Cpu cpu;
  private double bytes;
  private int[] targets;
  private Tensor x;
  private Tensor y;
  private Tensor dx;
  private Tensor perPosition;
  private Tensor perChannel;
  private Tensor perRow;

  @Setup(Level.Trial)
  public void prepare() {
    cpu = new Cpu();
    peak = PeakRates.measure(cpu.threads());
    String[] e = shape.split("x", -1);
    int n = Integer.parseInt(e[0]);
    int positions = Integer.parseInt(e[1]);
    int channels = Integer.parseInt(e[2]);
    Shape picture = Shape.of(n, positions, channels);
    bytes = (double) picture.elements() * Float.BYTES;
    x = AttentionBenchmark.signal(picture, 1);
    y = AttentionBenchmark.signal(picture, 2);
    dx = AttentionBenchmark.signal(picture, 3);
    perPosition = AttentionBenchmark.signal(Shape.of(positions, channels), 4);
    perChannel = AttentionBenchmark.signal(Shape.of(channels), 5);
    perRow = AttentionBenchmark.signal(Shape.of(n, positions), 6);
    targets = new SplittableRandom(7).ints((long) n * positions, 0, channels).toArray();
  }

  @TearDown
  public void close() {
    cpu.close();
  }

  @Benchmark
  public void sumRows(PeakShare share) {
    cpu.sumRows(x, perChannel);
    share.add(bytes, peak.bytes());
  }

  @Benchmark
  public void sumSamples(PeakShare share) {
    cpu.sumSamples(x, perPosition);
    share.add(bytes, peak.bytes());
  }

  @Benchmark
  public double sumOfSquares(PeakShare share) {
    share.add(bytes, peak.bytes());
    return cpu.sumOfSquares(x);
  }

  @Benchmark
  public void normalizeRows(PeakShare share) {
    cpu.normalizeRows(x, y, perRow);
    share.add(2 * bytes, peak.bytes());
  }

  @Benchmark
  public void normalizeRowsBackward(PeakShare share) {
    cpu.normalizeRowsBackward(x, y, perRow, dx);
    share.add(3 * bytes, peak.bytes());
  }

  @Benchmark
  public double crossEntropy(PeakShare share) {
    share.add(2 * bytes, peak.bytes());
    return cpu.crossEntropy(x, targets, y);
  }

  @Benchmark
  public void crossEntropyBackward(PeakShare share) {
    cpu.crossEntropyBackward(1, y, targets, dx);
    share.add(2 * bytes, peak.bytes());
  }
}
