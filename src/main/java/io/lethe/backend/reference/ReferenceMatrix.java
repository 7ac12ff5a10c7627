// The definition of the matrix product.
package io.lethe.backend.reference;

import io.lethe.tensor.Tensor;

/** See the "matrix products" of {@link io.lethe.backend.Backend}. */
final class ReferenceMatrix {
  private ReferenceMatrix() {}

  /** {@code c[i, j] = sum_p op(a)[i, p] op(b)[p, j] + bias[j]}, or {@code +=} without a bias. */
  static void gemm(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      Tensor aTensor,
      Tensor bTensor,
      Tensor biasTensor,
      Tensor cTensor,
      boolean accumulate) {
    Operands operands = new Operands("gemm");
    operands.require(
        m >= 0 && n >= 0 && k >= 0, "negative extent in m " + m + " n " + n + " k " + k);
    operands.require(!accumulate || biasTensor == null, "a bias cannot be added when accumulating");
    double[] a = operands.input("a", aTensor, transposeA ? k : m, transposeA ? m : k);
    double[] b = operands.weight("b", bTensor, transposeB ? n : k, transposeB ? k : n);
    double[] bias = operands.optionalInput("bias", biasTensor, n);
    double[] c = operands.output("c", cTensor, m, n);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int p = 0; p < k; p++) {
          double left = transposeA ? a[p * m + i] : a[i * k + p];
          double right = transposeB ? b[j * k + p] : b[p * n + j];
          sum += left * right;
        }
        if (accumulate) {
          c[i * n + j] += sum;
        } else {
          c[i * n + j] = bias == null ? sum : sum + bias[j];
        }
      }
    }
  }
}
