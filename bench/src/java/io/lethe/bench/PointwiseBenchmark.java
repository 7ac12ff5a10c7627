// Speed of what is computed element by element, and of the sums that are its gradients.
package io.lethe.bench;

import io.lethe.backend.Activation;
import io.lethe.backend.cpu.Cpu;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
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
public class PointwiseBenchmark {
  /** Batch, positions, channels. */
  @Param({"1x4096x320", "16x256x64"})
  public String shape;

  private double bytes;
  private PeakRates peak;
  private Cpu cpu;
  private Tensor x;
  private Tensor y;
  private Tensor dy;
  private Tensor dx;
  private Tensor perSample;
  private Tensor pair;
  private Tensor pairGradient;

  @Setup(Level.Trial)
  public void prepare() {
    cpu = new Cpu();
    peak = PeakRates.measure(cpu.threads());
    String[] e = shape.split("x", -1);
    Shape picture =
        Shape.of(Integer.parseInt(e[0]), Integer.parseInt(e[1]), Integer.parseInt(e[2]));
    bytes = (double) picture.elements() * Float.BYTES;
    x = AttentionBenchmark.signal(picture, 1);
    y = AttentionBenchmark.signal(picture, 2);
    dy = AttentionBenchmark.signal(picture, 3);
    dx = AttentionBenchmark.signal(picture, 4);
    perSample = AttentionBenchmark.signal(Shape.of(picture.dim(0), picture.dim(-1)), 5);
    pair = AttentionBenchmark.signal(picture.withLast(2L * picture.dim(-1)), 6);
    pairGradient = AttentionBenchmark.signal(pair.shape(), 7);
  }

  @TearDown
  public void close() {
    cpu.close();
  }

  @Benchmark
  public void silu(PeakShare share) {
    cpu.activation(Activation.SILU, x, y);
    share.add(2 * bytes, peak.bytes());
  }

  @Benchmark
  public void siluBackward(PeakShare share) {
    cpu.activationBackward(Activation.SILU, dy, x, dx);
    share.add(3 * bytes, peak.bytes());
  }

  @Benchmark
  public void gelu(PeakShare share) {
    cpu.activation(Activation.GELU, x, y);
    share.add(2 * bytes, peak.bytes());
  }

  @Benchmark
  public void geluBackward(PeakShare share) {
    cpu.activationBackward(Activation.GELU, dy, x, dx);
    share.add(3 * bytes, peak.bytes());
  }

  @Benchmark
  public void geglu(PeakShare share) {
    cpu.geglu(pair, y);
    share.add(3 * bytes, peak.bytes());
  }

  @Benchmark
  public void gegluBackward(PeakShare share) {
    cpu.gegluBackward(dy, pair, pairGradient);
    share.add(5 * bytes, peak.bytes());
  }

  @Benchmark
  public void add(PeakShare share) {
    cpu.add(x, y, dx);
    share.add(3 * bytes, peak.bytes());
  }

  @Benchmark
  public void addPerSample(PeakShare share) {
    cpu.addPerSample(x, perSample, y);
    share.add(2 * bytes, peak.bytes());
  }

  @Benchmark
  public void sumPositions(PeakShare share) {
    cpu.sumPositions(x, perSample);
    share.add(bytes, peak.bytes());
  }

  @Benchmark
  public double meanSquaredError(PeakShare share) {
    share.add(2 * bytes, peak.bytes());
    return cpu.meanSquaredError(x, y, null);
  }
}
