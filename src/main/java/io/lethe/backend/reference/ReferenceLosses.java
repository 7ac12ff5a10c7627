// The definitions of the losses and of their gradients.
package io.lethe.backend.reference;

import io.lethe.tensor.Tensor;

/** See "losses" of {@link io.lethe.backend.Backend}. */
final class ReferenceLosses {
  private ReferenceLosses() {}

  static double meanSquaredError(Tensor xTensor, Tensor targetTensor, double[] weights) {
    Operands operands = new Operands("meanSquaredError");
    double[] x = operands.input("x", xTensor, xTensor.size());
    double[] target = operands.input("target", targetTensor, x.length);
    int perSample = perSample(operands, xTensor, weights);
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      double difference = x[i] - target[i];
      sum += weight(weights, i / perSample) * difference * difference;
    }
    return sum / x.length;
  }

  static void meanSquaredErrorBackward(
      double upstream, Tensor xTensor, Tensor targetTensor, double[] weights, Tensor dxTensor) {
    Operands operands = new Operands("meanSquaredErrorBackward");
    double[] x = operands.input("x", xTensor, xTensor.size());
    double[] target = operands.input("target", targetTensor, x.length);
    double[] dx = operands.output("dx", dxTensor, x.length);
    int perSample = perSample(operands, xTensor, weights);
    for (int i = 0; i < x.length; i++) {
      dx[i] = upstream * weight(weights, i / perSample) * 2 * (x[i] - target[i]) / x.length;
    }
  }

  static double crossEntropy(Tensor logitsTensor, int[] targets, Tensor probabilitiesTensor) {
    Operands operands = new Operands("crossEntropy");
    int c = logitsTensor.shape().dim(-1);
    double[] logits = operands.input("logits", logitsTensor, targets.length, c);
    double[] p = operands.output("probabilities", probabilitiesTensor, targets.length, c);
    double loss = 0;
    for (int row = 0; row < targets.length; row++) {
      requireClass(operands, targets[row], c);
      double largest = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < c; i++) {
        largest = Math.max(largest, logits[row * c + i]);
      }
      double sum = 0;
      for (int i = 0; i < c; i++) {
        sum += Math.exp(logits[row * c + i] - largest);
      }
      for (int i = 0; i < c; i++) {
        p[row * c + i] = Math.exp(logits[row * c + i] - largest) / sum;
      }
      loss += largest + Math.log(sum) - logits[row * c + targets[row]];
    }
    return loss / targets.length;
  }

  /** {@code dlogits = upstream * (probabilities - [column is the target]) / rows}. */
  static void crossEntropyBackward(
      double upstream, Tensor probabilitiesTensor, int[] targets, Tensor dlogitsTensor) {
    Operands operands = new Operands("crossEntropyBackward");
    int c = probabilitiesTensor.shape().dim(-1);
    double[] p = operands.input("probabilities", probabilitiesTensor, targets.length, c);
    double[] dlogits = operands.output("dlogits", dlogitsTensor, targets.length, c);
    for (int row = 0; row < targets.length; row++) {
      requireClass(operands, targets[row], c);
      for (int i = 0; i < c; i++) {
        double wanted = i == targets[row] ? 1 : 0;
        dlogits[row * c + i] = upstream * (p[row * c + i] - wanted) / targets.length;
      }
    }
  }

  static double sumOfSquares(Tensor xTensor) {
    double sum = 0;
    for (double value : xTensor.doubles()) {
      sum += value * value;
    }
    return sum;
  }

  private static double weight(double[] weights, int sample) {
    return weights == null ? 1 : weights[sample];
  }

  private static int perSample(Operands operands, Tensor x, double[] weights) {
    operands.require(x.size() > 0, "x " + x.shape() + " has no elements to average");
    int n = x.shape().rank() == 0 ? 1 : x.shape().dim(0);
    operands.require(
        weights == null || weights.length == n,
        "x " + x.shape() + " has " + n + " samples, which is not one for each weight");
    return x.size() / n;
  }

  private static void requireClass(Operands operands, int target, int classes) {
    operands.require(
        target >= 0 && target < classes,
        "target " + target + " is none of the " + classes + " columns");
  }
}
