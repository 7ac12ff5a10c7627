// Speed of attention on the shapes of Stable Diffusion 1.x, the VAE, CLIP and the bundled model.
package io.lethe.bench;

import io.lethe.backend.AttentionShape;
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

/** {@code giga} is GFLOP/s: 4 for each query, key and channel forward, 10 backward. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(5)
public class AttentionBenchmark {
  /** Batch, heads, queries, keys, channels of a head. */
  @Param({
    "1x8x4096x4096x40",
    "1x8x1024x1024x80",
    "1x8x4096x77x40",
    "1x8x256x256x160",
    "1x1x4096x4096x512",
    "1x12x77x77x64",
    "16x4x64x64x32",
    "16x4x64x32x32"
  })
  public String shape;

  private AttentionShape extents;
  private PeakRates peak;
  private Cpu cpu;
  private Tensor q;
  private Tensor k;
  private Tensor v;
  private Tensor out;
  private Tensor logSumExp;
  private Tensor dout;
  private Tensor dq;
  private Tensor dk;
  private Tensor dv;

  @Setup(Level.Trial)
  public void prepare() {
    cpu = new Cpu();
    peak = PeakRates.measure(cpu.threads());
    String[] e = shape.split("x", -1);
    extents =
        AttentionShape.of(
            Integer.parseInt(e[0]),
            Integer.parseInt(e[1]),
            Integer.parseInt(e[2]),
            Integer.parseInt(e[3]),
            Integer.parseInt(e[4]));
    Shape queries = Shape.of(extents.n(), extents.queries(), extents.width());
    Shape keys = Shape.of(extents.n(), extents.keys(), extents.width());
    q = signal(queries, 1);
    k = signal(keys, 2);
    v = signal(keys, 3);
    out = signal(queries, 4);
    logSumExp = signal(Shape.of(extents.n(), extents.heads(), extents.queries()), 5);
    dout = signal(queries, 6);
    dq = signal(queries, 7);
    dk = signal(keys, 8);
    dv = signal(keys, 9);
    cpu.attention(extents, q, k, v, out, logSumExp);
  }

  /** Uniform numbers from -1 to 1. */
  static Tensor signal(Shape shape, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return Tensor.of("signal" + seed, shape, values);
  }

  @TearDown
  public void close() {
    cpu.close();
  }

  @Benchmark
  public void forward(PeakShare share) {
    cpu.attention(extents, q, k, v, out, logSumExp);
    share.add(extents.flops(), peak.flops());
  }

  @Benchmark
  public void backward(PeakShare share) {
    cpu.attentionBackward(extents, dout, q, k, v, out, logSumExp, dq, dk, dv);
    share.add(2.5 * extents.flops(), peak.flops());
  }
}
