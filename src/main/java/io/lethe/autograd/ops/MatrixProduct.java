// c = scale * a b^T of two activations: similarities between pictures and texts.
package io.lethe.autograd.ops;

import io.lethe.LetheException;
import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;

/**
 * {@code c = a b^T}.
 *
 * <p>Shapes: {@code a [m, k]}, {@code b [n, k]}, {@code c [m, n]}. Saved: a and b. Backward: {@code
 * da = dc b}, {@code db = dc^T a}.
 */
public final class MatrixProduct implements Operation {
  private final Value a;
  private final Value b;

  private MatrixProduct(Value a, Value b) {
    this.a = a;
    this.b = b;
  }

  /** Forward. */
  public static Value apply(Tape tape, Value a, Value b) {
    Shapes.requireRank("MatrixProduct", a.data(), 2);
    Shapes.requireRank("MatrixProduct", b.data(), 2);
    MatrixProduct product = new MatrixProduct(a, b);
    if (b.data().shape().dim(1) != product.k()) {
      throw new LetheException(
          "MatrixProduct: " + a.data() + " and " + b.data() + " differ in width");
    }
    Tensor c = tape.allocate("product", Shape.of(product.m(), product.n()));
    tape.backend()
        .gemm(
            false, true, product.m(), product.n(), product.k(), a.data(), b.data(), null, c, false);
    return tape.record(product, c, a, b);
  }

  @Override
  public void backward(Tape tape, Tensor dc) {
    if (a.needsGradient()) {
      Tensor da = tape.allocate("product.da", a.data().shape());
      tape.backend().gemm(false, false, m(), k(), n(), dc, b.data(), null, da, false);
      tape.accumulate(a, da);
    }
    if (b.needsGradient()) {
      Tensor db = tape.allocate("product.db", b.data().shape());
      tape.backend().gemm(true, false, n(), k(), m(), dc, a.data(), null, db, false);
      tape.accumulate(b, db);
    }
  }

  private int m() {
    return a.data().shape().dim(0);
  }

  private int n() {
    return b.data().shape().dim(0);
  }

  private int k() {
    return a.data().shape().dim(1);
  }

  @Override
  public long flops() {
    return 2L * m() * n() * k();
  }

  @Override
  public long bytes() {
    return Shapes.bytes(a.data(), b.data()) + 4L * m() * n();
  }
}
