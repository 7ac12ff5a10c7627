// The list of primitive computations: one contract each, for every backend to meet.
package io.lethe.backend;

import io.lethe.tensor.DType;
import io.lethe.tensor.Tensor;

/**
 * Primitive computations over dense tensors.
 *
 * <p>Rules for all of them. Outputs are written whole, and may not share memory with inputs unless
 * the contract says "in place". Gradients of parameters are <em>added</em> to what is there;
 * gradients of activations are written. {@code rows} is the product of the leading extents. Weights
 * of rank 2 and more may be mapped; everything else is compute memory of {@link #computeType}.
 * Parameter gradients that are not wanted are passed as null. Results do not depend on the number
 * of threads.
 */
public interface Backend {
  /** Such as {@code cpu-512} or {@code reference}. */
  String name();

  /** F32, or F64 for the reference. */
  DType computeType();

  /** The threads, for computations of the caller's own. */
  default Parallel parallel() {
    return Parallel.ALONE;
  }

  /** Bytes of frozen weights that are held in a form of the backend's own, beside their files. */
  default long packedBytes() {
    return 0;
  }

  // ---- matrix products -------------------------------------------------------------------------

  /**
   * {@code c = op(a) op(b) [+ c]} with {@code op(a) [m, k]}, {@code op(b) [k, n]}, {@code c [m,
   * n]}.
   *
   * @param transposeA a is stored {@code [k, m]}
   * @param transposeB b is stored {@code [n, k]}, as a linear layer's weight is
   * @param b compute memory, or a mapped weight
   * @param bias {@code [n]} added to every row, or null
   * @param accumulate add to c instead of overwriting it (with a null bias)
   */
  void gemm(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      Tensor a,
      Tensor b,
      Tensor bias,
      Tensor c,
      boolean accumulate);

  // ---- convolution -----------------------------------------------------------------------------

  /**
   * {@code y[n, p, q, f] = bias[f] + sum_{c, r, s} x[n, p*stride + r - padTop, q*stride + s -
   * padLeft, c] w[f, c, r, s]}.
   */
  void conv2d(ConvShape shape, Tensor x, Tensor weight, Tensor bias, Tensor y);

  /** {@code dx}: the transposed convolution of {@code dy}. */
  void conv2dInputGradient(ConvShape shape, Tensor dy, Tensor weight, Tensor dx);

  /** {@code dw += } correlation of {@code x} with {@code dy}, in the weight's own layout. */
  void conv2dWeightGradient(ConvShape shape, Tensor dy, Tensor x, Tensor dw);

  // ---- normalisation ---------------------------------------------------------------------------

  /**
   * Group normalisation (Wu and He 2018) over {@code x [n, positions, channels]}, fused with SiLU
   * where asked: {@code y = act(gamma[c] * (x - mean[n, g]) * rstd[n, g] + beta[c])}.
   *
   * @param mean written, {@code [n, groups]}
   * @param rstd written, {@code [n, groups]}, {@code 1/sqrt(variance + eps)} with the biased
   *     variance
   */
  void groupNorm(
      int groups,
      double eps,
      boolean silu,
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor y,
      Tensor mean,
      Tensor rstd);

  /**
   * Backward of {@link #groupNorm}; {@code dx} may be null, {@code dgamma}, {@code dbeta} are added
   * or null.
   */
  void groupNormBackward(
      int groups,
      boolean silu,
      Tensor dy,
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor mean,
      Tensor rstd,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta);

  /**
   * Layer normalisation (Ba et al. 2016) of each row of {@code x [rows, c]}; writes {@code mean},
   * {@code rstd [rows]}.
   */
  void layerNorm(
      double eps, Tensor x, Tensor gamma, Tensor beta, Tensor y, Tensor mean, Tensor rstd);

  /** Backward of {@link #layerNorm}; null rules as in {@link #groupNormBackward}. */
  void layerNormBackward(
      Tensor dy,
      Tensor x,
      Tensor gamma,
      Tensor mean,
      Tensor rstd,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta);

  // ---- attention -------------------------------------------------------------------------------

  /**
   * Attention without materialised scores (online softmax: Dao et al. 2022).
   *
   * @param logSumExp written, {@code [n, heads, queries]}: the log of each row's softmax
   *     denominator
   */
  void attention(AttentionShape shape, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp);

  /**
   * Backward of {@link #attention}: writes those of {@code dq}, {@code dk}, {@code dv} that are not
   * null.
   */
  void attentionBackward(
      AttentionShape shape,
      Tensor dout,
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor out,
      Tensor logSumExp,
      Tensor dq,
      Tensor dk,
      Tensor dv);

  /** The softmax itself, {@code [n, heads, queries, keys]}, for the methods that read it. */
  void attentionProbabilities(AttentionShape shape, Tensor q, Tensor k, Tensor probabilities);

  /**
   * Backward of {@link #attentionProbabilities}: writes those of {@code dq}, {@code dk} that are
   * not null.
   */
  void attentionProbabilitiesBackward(
      AttentionShape shape,
      Tensor dprobabilities,
      Tensor q,
      Tensor k,
      Tensor probabilities,
      Tensor dq,
      Tensor dk);

  // ---- pointwise -------------------------------------------------------------------------------

  void activation(Activation kind, Tensor x, Tensor y);

  /** {@code dx = dy * f'(x)}. */
  void activationBackward(Activation kind, Tensor dy, Tensor x, Tensor dx);

  /**
   * GEGLU (Shazeer 2020): {@code x [rows, 2c]} is value then gate; {@code y [rows, c] = value *
   * gelu(gate)}.
   */
  void geglu(Tensor x, Tensor y);

  void gegluBackward(Tensor dy, Tensor x, Tensor dx);

  /** {@code out = a + b}, of one shape. */
  void add(Tensor a, Tensor b, Tensor out);

  /** {@code y += alpha * x}, in place. */
  void axpy(double alpha, Tensor x, Tensor y);

  /** {@code out = alpha * x}. */
  void scale(double alpha, Tensor x, Tensor out);

  /** {@code out[n, p, c] = x[n, p, c] + vector[n, c]}: the time embedding onto every pixel. */
  void addPerSample(Tensor x, Tensor vector, Tensor out);

  /** {@code out[n, c] = sum_p x[n, p, c]}: the backward of {@link #addPerSample}. */
  void sumPositions(Tensor x, Tensor out);

  /** {@code out[n, t, c] = x[n, t, c] + table[t, c]}: position embeddings onto every sample. */
  void addPerPosition(Tensor x, Tensor table, Tensor out);

  /**
   * {@code out[t, c] += sum_n x[n, t, c]}: the gradient of the table of {@link #addPerPosition}.
   */
  void sumSamples(Tensor x, Tensor out);

  /** {@code out[c] += sum_rows x[row, c]}: the gradient of a bias. */
  void sumRows(Tensor x, Tensor out);

  /** {@code out[row] = x[row] / ||x[row]||_2}; writes {@code norm [rows]}. */
  void normalizeRows(Tensor x, Tensor out, Tensor norm);

  void normalizeRowsBackward(Tensor dout, Tensor out, Tensor norm, Tensor dx);

  // ---- moving ----------------------------------------------------------------------------------

  /** {@code out [rows, ca + cb]}: a's channels, then b's. */
  void concatChannels(Tensor a, Tensor b, Tensor out);

  /** The reverse of {@link #concatChannels}; {@code a} or {@code b} may be null. */
  void splitChannels(Tensor joined, int channelsA, Tensor a, Tensor b);

  /** Copies {@code count} elements; the buffers may be of different shapes. */
  void copy(Tensor source, int sourceOffset, Tensor target, int targetOffset, int count);

  /** Nearest-neighbour doubling of {@code x [n, h*w, c]} to {@code y [n, 2h*2w, c]}. */
  void upsampleNearest(int height, int width, Tensor x, Tensor y);

  /** {@code dx} = the sum of each 2x2 block of {@code dy}. */
  void upsampleNearestBackward(int height, int width, Tensor dy, Tensor dx);

  /** {@code out[i] = table[ids[i]]}; the table {@code [v, c]} may be mapped. */
  void gatherRows(Tensor table, int[] ids, Tensor out);

  /** {@code table[ids[i]] += x[i]}, in ascending i. */
  void scatterAddRows(Tensor x, int[] ids, Tensor table);

  // ---- losses ----------------------------------------------------------------------------------

  /**
   * {@code mean_n weight[n] * mean_i (x[n, i] - target[n, i])^2}, summed in double.
   *
   * @param weights one weight a sample, or null for ones
   */
  double meanSquaredError(Tensor x, Tensor target, double[] weights);

  /** {@code dx = upstream * d meanSquaredError / dx}. */
  void meanSquaredErrorBackward(
      double upstream, Tensor x, Tensor target, double[] weights, Tensor dx);

  /**
   * Mean over rows of {@code -log softmax(logits[row])[targets[row]]}; writes the softmax {@code
   * [rows, c]}.
   */
  double crossEntropy(Tensor logits, int[] targets, Tensor probabilities);

  void crossEntropyBackward(double upstream, Tensor probabilities, int[] targets, Tensor dlogits);

  /** Sum of squares in double: for norms of gradients and of changes. */
  double sumOfSquares(Tensor x);
}
