// The backend that defines what all the others must compute.
package io.lethe.backend.reference;

import io.lethe.backend.Activation;
import io.lethe.backend.AttentionShape;
import io.lethe.backend.Backend;
import io.lethe.backend.ConvShape;
import io.lethe.tensor.DType;
import io.lethe.tensor.Tensor;

/**
 * Every primitive as naive loops in double over {@link DType#F64} tensors, on one thread. Operands
 * that do not fit the contract, and outputs that share memory with an input, raise a {@link
 * io.lethe.LetheException} that names them.
 */
public final class Reference implements Backend {
  @Override
  public String name() {
    return "reference";
  }

  @Override
  public DType computeType() {
    return DType.F64;
  }

  // ---- matrix products
  // ----------------------------------------------------------------------------

  @Override
  public void gemm(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      Tensor a,
      Tensor b,
      Tensor bias,
      Tensor c,
      boolean accumulate) {
    ReferenceMatrix.gemm(transposeA, transposeB, m, n, k, a, b, bias, c, accumulate);
  }

  // ---- convolution
  // --------------------------------------------------------------------------------

  @Override
  public void conv2d(ConvShape shape, Tensor x, Tensor weight, Tensor bias, Tensor y) {
    ReferenceConvolution.forward(shape, x, weight, bias, y);
  }

  @Override
  public void conv2dInputGradient(ConvShape shape, Tensor dy, Tensor weight, Tensor dx) {
    ReferenceConvolution.inputGradient(shape, dy, weight, dx);
  }

  @Override
  public void conv2dWeightGradient(ConvShape shape, Tensor dy, Tensor x, Tensor dw) {
    ReferenceConvolution.weightGradient(shape, dy, x, dw);
  }

  // ---- normalisation
  // ------------------------------------------------------------------------------

  @Override
  public void groupNorm(
      int groups,
      double eps,
      boolean silu,
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor y,
      Tensor mean,
      Tensor rstd) {
    ReferenceNormalization.group(groups, eps, silu, x, gamma, beta, y, mean, rstd);
  }

  @Override
  public void groupNormBackward(
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
      Tensor dbeta) {
    ReferenceNormalization.groupBackward(
        groups, silu, dy, x, gamma, beta, mean, rstd, dx, dgamma, dbeta);
  }

  @Override
  public void layerNorm(
      double eps, Tensor x, Tensor gamma, Tensor beta, Tensor y, Tensor mean, Tensor rstd) {
    ReferenceNormalization.layer(eps, x, gamma, beta, y, mean, rstd);
  }

  @Override
  public void layerNormBackward(
      Tensor dy,
      Tensor x,
      Tensor gamma,
      Tensor mean,
      Tensor rstd,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    ReferenceNormalization.layerBackward(dy, x, gamma, mean, rstd, dx, dgamma, dbeta);
  }

  // ---- attention
  // ----------------------------------------------------------------------------------

  @Override
  public void attention(
      AttentionShape shape, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp) {
    ReferenceAttention.forward(shape, q, k, v, out, logSumExp);
  }

  @Override
  public void attentionBackward(
      AttentionShape shape,
      Tensor dout,
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor out,
      Tensor logSumExp,
      Tensor dq,
      Tensor dk,
      Tensor dv) {
    ReferenceAttention.backward(shape, dout, q, k, v, out, logSumExp, dq, dk, dv);
  }

  @Override
  public void attentionProbabilities(
      AttentionShape shape, Tensor q, Tensor k, Tensor probabilities) {
    ReferenceAttention.probabilities(shape, q, k, probabilities);
  }

  @Override
  public void attentionProbabilitiesBackward(
      AttentionShape shape,
      Tensor dprobabilities,
      Tensor q,
      Tensor k,
      Tensor probabilities,
      Tensor dq,
      Tensor dk) {
    ReferenceAttention.probabilitiesBackward(shape, dprobabilities, q, k, probabilities, dq, dk);
  }

  // ---- pointwise
  // ----------------------------------------------------------------------------------

  @Override
  public void activation(Activation kind, Tensor x, Tensor y) {
    ReferencePointwise.activation(kind, x, y);
  }

  @Override
  public void activationBackward(Activation kind, Tensor dy, Tensor x, Tensor dx) {
    ReferencePointwise.activationBackward(kind, dy, x, dx);
  }

  @Override
  public void geglu(Tensor x, Tensor y) {
    ReferencePointwise.geglu(x, y);
  }

  @Override
  public void gegluBackward(Tensor dy, Tensor x, Tensor dx) {
    ReferencePointwise.gegluBackward(dy, x, dx);
  }

  @Override
  public void add(Tensor a, Tensor b, Tensor out) {
    ReferencePointwise.add(a, b, out);
  }

  @Override
  public void axpy(double alpha, Tensor x, Tensor y) {
    ReferencePointwise.axpy(alpha, x, y);
  }

  @Override
  public void scale(double alpha, Tensor x, Tensor out) {
    ReferencePointwise.scale(alpha, x, out);
  }

  @Override
  public void addPerSample(Tensor x, Tensor vector, Tensor out) {
    ReferenceSums.addPerSample(x, vector, out);
  }

  @Override
  public void sumPositions(Tensor x, Tensor out) {
    ReferenceSums.sumPositions(x, out);
  }

  @Override
  public void addPerPosition(Tensor x, Tensor table, Tensor out) {
    ReferenceSums.addPerPosition(x, table, out);
  }

  @Override
  public void sumSamples(Tensor x, Tensor out) {
    ReferenceSums.sumSamples(x, out);
  }

  @Override
  public void sumRows(Tensor x, Tensor out) {
    ReferenceSums.sumRows(x, out);
  }

  @Override
  public void normalizeRows(Tensor x, Tensor out, Tensor norm) {
    ReferenceSums.normalizeRows(x, out, norm);
  }

  @Override
  public void normalizeRowsBackward(Tensor dout, Tensor out, Tensor norm, Tensor dx) {
    ReferenceSums.normalizeRowsBackward(dout, out, norm, dx);
  }

  // ---- moving
  // -------------------------------------------------------------------------------------

  @Override
  public void concatChannels(Tensor a, Tensor b, Tensor out) {
    ReferenceMovement.concatChannels(a, b, out);
  }

  @Override
  public void splitChannels(Tensor joined, int channelsA, Tensor a, Tensor b) {
    ReferenceMovement.splitChannels(joined, channelsA, a, b);
  }

  @Override
  public void copy(Tensor source, int sourceOffset, Tensor target, int targetOffset, int count) {
    ReferenceMovement.copy(source, sourceOffset, target, targetOffset, count);
  }

  @Override
  public void upsampleNearest(int height, int width, Tensor x, Tensor y) {
    ReferenceMovement.upsampleNearest(height, width, x, y);
  }

  @Override
  public void upsampleNearestBackward(int height, int width, Tensor dy, Tensor dx) {
    ReferenceMovement.upsampleNearestBackward(height, width, dy, dx);
  }

  @Override
  public void gatherRows(Tensor table, int[] ids, Tensor out) {
    ReferenceMovement.gatherRows(table, ids, out);
  }

  @Override
  public void scatterAddRows(Tensor x, int[] ids, Tensor table) {
    ReferenceMovement.scatterAddRows(x, ids, table);
  }

  // ---- losses
  // -------------------------------------------------------------------------------------

  @Override
  public double meanSquaredError(Tensor x, Tensor target, double[] weights) {
    return ReferenceLosses.meanSquaredError(x, target, weights);
  }

  @Override
  public void meanSquaredErrorBackward(
      double upstream, Tensor x, Tensor target, double[] weights, Tensor dx) {
    ReferenceLosses.meanSquaredErrorBackward(upstream, x, target, weights, dx);
  }

  @Override
  public double crossEntropy(Tensor logits, int[] targets, Tensor probabilities) {
    return ReferenceLosses.crossEntropy(logits, targets, probabilities);
  }

  @Override
  public void crossEntropyBackward(
      double upstream, Tensor probabilities, int[] targets, Tensor dlogits) {
    ReferenceLosses.crossEntropyBackward(upstream, probabilities, targets, dlogits);
  }

  @Override
  public double sumOfSquares(Tensor x) {
    return ReferenceLosses.sumOfSquares(x);
  }
}
