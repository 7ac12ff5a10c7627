// Speed of 3x3 convolutions on the shapes that are compared with PyTorch.
package io.lethe.bench;

import io.lethe.backend.cpu.Cpu;
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
 * {@code giga} is GFLOP/s of the definition; backward are the gradients of input and weight. Where
 * Winograd's filtering takes 16 multiplications in place of 36, {@code ofPeak} can be above 1: the
 * arithmetic that is carried out is 4/9 of it, and the transforms.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(5)
public class ConvBenchmark {
  @Param({PeerCase.CONV_64, PeerCase.CONV_32, PeerCase.CONV_16, PeerCase.CONV_BATCH})
  public String shape;

  /** Whether the weight lies in mapped memory, as that of a loaded model does. */
  @Param({"false", "true"})
  public boolean frozen;

  private PeakRates peak;
  private Cpu cpu;
  private Runnable forward;
  private Runnable backward;
  private double forwardFlops;
  private double backwardFlops;

  @Setup(Level.Trial)
  public void prepare() {
    cpu = new Cpu();
    peak = PeakRates.measure(cpu.threads());
    PeerCase result = PeerCase.of(shape, false);
    PeerCase gradients = PeerCase.of(shape, true);
    forward = PeerCall.of(result, cpu, frozen);
    backward = PeerCall.of(gradients, cpu, frozen);
    forwardFlops = result.flops();
    backwardFlops = gradients.flops();
  }

  @TearDown
  public void close() {
    cpu.close();
  }

  @Benchmark
  public void forward(PeakShare share) {
    forward.run();
    share.add(forwardFlops, peak.flops());
  }

  @Benchmark
  public void backward(PeakShare share) {
    backward.run();
    share.add(backwardFlops, peak.flops());
  }
}
