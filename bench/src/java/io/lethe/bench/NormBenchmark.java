// Speed of group and layer normalisation on the shapes of Stable Diffusion 1.x and the bundled
// model.
package io.lethe.bench;

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
public class NormBenchmark {
  private static final int GROUPS = 32;
  private static final double EPS = 1e-5;

  /** Batch, positions, channels. */
  @Param({"1x4096x320", "1x1024x960", "1x256x2560", "16x256x64"})
  public String shape;

  private double bytes;
  private PeakRates peak;
  private Cpu cpu;
  private Tensor x;
  private Tensor y;
  private Tensor dy;
  private Tensor dx;
  private Tensor gamma;
  private Tensor beta;
  private Tensor dgamma;
  private Tensor dbeta;
  private Tensor groupMean;
  private Tensor groupScale;
  private Tensor rowMean;
  private Tensor rowScale;

  @Setup(Level.Trial)
  public void prepare() {
    cpu = new Cpu();
    peak = PeakRates.measure(cpu.threads());
    String[] e = shape.split("x", -1);
    Shape picture =
        Shape.of(Integer.parseInt(e[0]), Integer.parseInt(e[1]), Integer.parseInt(e[2]));
    Shape channels = Shape.of(picture.dim(-1));
    bytes = (double) picture.elements() * Float.BYTES;
    x = AttentionBenchmark.signal(picture, 1);
    y = AttentionBenchmark.signal(picture, 2);
    dy = AttentionBenchmark.signal(picture, 3);
    dx = AttentionBenchmark.signal(picture, 4);
    gamma = AttentionBenchmark.signal(channels, 5);
    beta = AttentionBenchmark.signal(channels, 6);
    dgamma = AttentionBenchmark.signal(channels, 7);
    dbeta = AttentionBenchmark.signal(channels, 8);
    groupMean = AttentionBenchmark.signal(Shape.of(picture.dim(0), GROUPS), 9);
    groupScale = AttentionBenchmark.signal(Shape.of(picture.dim(0), GROUPS), 10);
    rowMean = AttentionBenchmark.signal(Shape.of(picture.rows()), 11);
    rowScale = AttentionBenchmark.signal(Shape.of(picture.rows()), 12);
  }

  @TearDown
  public void close() {
    cpu.close();
  }

  @Benchmark
  public void groupNormSilu(PeakShare share) {
    cpu.groupNorm(GROUPS, EPS, true, x, gamma, beta, y, groupMean, groupScale);
    share.add(2 * bytes, peak.bytes());
  }

  @Benchmark
  public void groupNormSiluBackward(PeakShare share) {
    cpu.groupNormBackward(
        GROUPS, true, dy, x, gamma, beta, groupMean, groupScale, dx, dgamma, dbeta);
    share.add(3 * bytes, peak.bytes());
  }

  @Benchmark
  public void layerNorm(PeakShare share) {
    cpu.layerNorm(EPS, x, gamma, beta, y, rowMean, rowScale);
    share.add(2 * bytes, peak.bytes());
  }

  @Benchmark
  public void layerNormBackward(PeakShare share) {
    cpu.layerNormBackward(dy, x, gamma, rowMean, rowScale, dx, dgamma, dbeta);
    share.add(3 * bytes, peak.bytes());
  }
}
