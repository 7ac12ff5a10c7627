// Our side of a comparison: the operands of one case, and the calls that are timed.
package io.lethe.bench;

import io.lethe.backend.AttentionShape;
import io.lethe.backend.ConvShape;
import io.lethe.backend.cpu.Cpu;
import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Builds a {@link Runnable} for a case. */
final class PeerCall {
  private PeerCall() {}

  /**
   * @param frozen weights of convolutions lie in mapped memory, as those of a loaded model do
   */
  static Runnable of(PeerCase peerCase, Cpu cpu, boolean frozen) {
    return switch (peerCase.kind()) {
      case "gemm" -> gemm(peerCase, cpu);
      case "conv" -> conv(peerCase, cpu, frozen);
      default -> attention(peerCase, cpu);
    };
  }

  private static Tensor signal(long seed, long... extents) {
    return AttentionBenchmark.signal(Shape.of(extents), seed);
  }

  private static Runnable gemm(PeerCase peerCase, Cpu cpu) {
    int m = peerCase.extent(0);
    int n = peerCase.extent(1);
    int k = peerCase.extent(2);
    Tensor a = signal(1, m, k);
    Tensor b = signal(2, k, n);
    Tensor c = signal(3, m, n);
    if (!peerCase.backward()) {
      return () -> cpu.gemm(false, false, m, n, k, a, b, null, c, false);
    }
    Tensor da = signal(4, m, k);
    Tensor db = signal(5, k, n);
    return () -> {
      cpu.gemm(false, true, m, k, n, c, b, null, da, false);
      cpu.gemm(true, false, k, n, m, a, c, null, db, false);
    };
  }

  private static Runnable conv(PeerCase peerCase, Cpu cpu, boolean frozen) {
    ConvShape shape = peerCase.conv();
    int pixels = shape.height() * shape.width();
    Tensor x = signal(1, shape.n(), pixels, shape.channels());
    Tensor y = signal(2, shape.n(), pixels, shape.filters());
    Tensor trained = signal(3, shape.filters(), shape.channels(), 3, 3);
    Tensor weight = frozen ? mapped(trained) : trained;
    Tensor bias = signal(4, shape.filters());
    if (!peerCase.backward()) {
      return () -> cpu.conv2d(shape, x, weight, bias, y);
    }
    Tensor dx = signal(5, shape.n(), pixels, shape.channels());
    Tensor dw = signal(6, shape.filters(), shape.channels(), 3, 3);
    return () -> {
      cpu.conv2dInputGradient(shape, y, weight, dx);
      // Gradients are added; PyTorch's are written, so ours pay for the zeros too.
      Arrays.fill(dw.floats(), 0f);
      cpu.conv2dWeightGradient(shape, y, x, dw);
    };
  }

  private static Tensor mapped(Tensor weight) {
    float[] values = weight.floats();
    MemorySegment segment = Arena.ofAuto().allocate(values.length * (long) Float.BYTES, 64);
    MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_FLOAT, 0, values.length);
    return Tensor.mapped(weight.name(), weight.shape(), DType.F32, segment);
  }

  private static Runnable attention(PeerCase peerCase, Cpu cpu) {
    AttentionShape shape = peerCase.attention();
    Tensor q = signal(1, shape.n(), shape.queries(), shape.width());
    Tensor k = signal(2, shape.n(), shape.keys(), shape.width());
    Tensor v = signal(3, shape.n(), shape.keys(), shape.width());
    Tensor out = signal(4, shape.n(), shape.queries(), shape.width());
    Tensor logSumExp = signal(5, shape.n(), shape.heads(), shape.queries());
    cpu.attention(shape, q, k, v, out, logSumExp);
    if (!peerCase.backward()) {
      return () -> cpu.attention(shape, q, k, v, out, logSumExp);
    }
    Tensor dout = signal(6, shape.n(), shape.queries(), shape.width());
    Tensor dq = signal(7, shape.n(), shape.queries(), shape.width());
    Tensor dk = signal(8, shape.n(), shape.keys(), shape.width());
    Tensor dv = signal(9, shape.n(), shape.keys(), shape.width());
    return () -> cpu.attentionBackward(shape, dout, q, k, v, out, logSumExp, dq, dk, dv);
  }
}
