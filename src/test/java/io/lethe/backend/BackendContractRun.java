// One run of a case on one backend, and the rules that its operands must then satisfy.
package io.lethe.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.tensor.Buffer;
import io.lethe.tensor.Tensor;

/** The operands of a finished call. Comparisons are written so that a NaN fails them. */
final class BackendContractRun {
  private final CasesCall call;
  private final Backend backend;
  private final Tensor[] tensors;
  private final double[][] after;
  private final double returned;

  private BackendContractRun(CasesCall call, Backend backend, Tensor[] tensors) {
    this.call = call;
    this.backend = backend;
    this.tensors = tensors;
    this.returned = call.body.run(backend, tensors);
    this.after = new double[tensors.length][];
    for (int i = 0; i < tensors.length; i++) {
      after[i] = tensors[i] == null || tensors[i].isMapped() ? null : values(tensors[i]);
    }
  }

  /** Makes the call on operands of its own. */
  static BackendContractRun of(CasesCall call, Backend backend) {
    return new BackendContractRun(call, backend, call.tensors(backend.computeType()));
  }

  /** Makes the call a second time on what the first one left. */
  BackendContractRun again() {
    return new BackendContractRun(call, backend, tensors);
  }

  double[] result(int operand) {
    return after[operand];
  }

  double returned() {
    return returned;
  }

  /** Turns the sign of an operand in its memory. */
  void negate(int operand) {
    switch (tensors[operand].buffer()) {
      case Buffer.Floats(float[] array) -> {
        for (int i = 0; i < array.length; i++) {
          array[i] = -array[i];
        }
      }
      case Buffer.Doubles(double[] array) -> {
        for (int i = 0; i < array.length; i++) {
          array[i] = -array[i];
        }
      }
      case Buffer.Mapped mapped -> throw new IllegalArgumentException("mapped memory is frozen");
    }
  }

  /**
   * Refuses a case whose expected results are mostly zeros or all the same: it would prove nothing.
   */
  void requireMeaning() {
    int results = call.resultBound == null ? 0 : 1;
    for (int i = 0; i < tensors.length; i++) {
      CasesOperand operand = call.operands.get(i);
      if (!isResult(operand)) {
        continue;
      }
      results++;
      boolean added = operand.role() == CasesOperand.Role.ADDED;
      int zeros = 0;
      int repeats = 0;
      for (int j = 0; j < after[i].length; j++) {
        double change = after[i][j] - (added ? operand.values()[j] : 0);
        zeros += change == 0 ? 1 : 0;
        repeats += after[i][j] == after[i][0] ? 1 : 0;
      }
      assertTrue(after[i].length > 0, operand.name() + " has no elements");
      assertTrue(2 * zeros <= after[i].length, operand.name() + " has " + zeros + " zeros");
      assertTrue(after[i].length < 3 || repeats < after[i].length, operand.name() + " is constant");
    }
    assertTrue(results > 0, "the case has no result to compare");
  }

  /** Compares all results with those of the reference. */
  void requireClose(BackendContractRun expected) {
    int compared = 0;
    for (int i = 0; i < tensors.length; i++) {
      if (isResult(call.operands.get(i))) {
        requireClose(call.operands.get(i), expected.after[i], after[i]);
        compared += after[i].length;
      }
    }
    if (call.resultBound != null) {
      double error = Math.abs(returned - expected.returned);
      double allowed = call.resultBound.at(0, expected.returned, 0);
      if (!(error <= allowed)) {
        throw new AssertionError(
            "returned %s for %s, %.3g times the bound"
                .formatted(returned, expected.returned, error / allowed));
      }
      compared++;
    }
    assertTrue(compared > 0, "nothing was compared");
  }

  private static void requireClose(CasesOperand operand, double[] expected, double[] actual) {
    double squares = 0;
    for (double value : expected) {
      squares += value * value;
    }
    double rootMeanSquare = Math.sqrt(squares / expected.length);
    int wrong = 0;
    int worst = -1;
    double worstRatio = -1;
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs(actual[i] - expected[i]);
      double allowed = operand.bound().at(i, expected[i], rootMeanSquare);
      if (!(error <= allowed)) {
        wrong++;
        double ratio = Double.isNaN(error) ? Double.POSITIVE_INFINITY : error / allowed;
        if (ratio > worstRatio) {
          worst = i;
          worstRatio = ratio;
        }
      }
    }
    if (wrong > 0) {
      throw new AssertionError(
          "%s %s: %d of %d wrong, worst [%d] = %s for %s, %.3g times the bound"
              .formatted(
                  operand.name(),
                  operand.shape(),
                  wrong,
                  expected.length,
                  worst,
                  actual[worst],
                  expected[worst],
                  worstRatio));
    }
  }

  /** Where the reference has NaN, this run may not have a number that looks sound. */
  void requireNanOf(BackendContractRun expected) {
    int found = 0;
    for (int i = 0; i < tensors.length; i++) {
      CasesOperand operand = call.operands.get(i);
      for (int j = 0; isResult(operand) && j < after[i].length; j++) {
        if (Double.isNaN(expected.after[i][j])) {
          assertFalse(
              Double.isFinite(after[i][j]), operand.name() + "[" + j + "] is " + after[i][j]);
          found++;
        }
      }
    }
    if (Double.isNaN(expected.returned)) {
      assertFalse(Double.isFinite(returned), "returned " + returned);
      found++;
    }
    assertTrue(found > 0, "the reference has no NaN, so the case proves nothing");
  }

  /** What is only read must be as it was, to the bit. */
  void requireInputsKept() {
    for (int i = 0; i < tensors.length; i++) {
      CasesOperand operand = call.operands.get(i);
      if (operand == null || operand.role() != CasesOperand.Role.READ) {
        continue;
      }
      // Mapped operands are read-only segments, so a write there has raised an error already.
      if (after[i] != null) {
        assertArrayEquals(bits(operand.values()), bits(after[i]), operand.name() + " was changed");
      }
    }
  }

  /**
   * After a second call what is written is the same, and what is added to has grown by as much
   * again.
   */
  void requireSecondCallOf(BackendContractRun first, BackendContractRun expected) {
    for (int i = 0; i < tensors.length; i++) {
      CasesOperand operand = call.operands.get(i);
      if (!isResult(operand)) {
        continue;
      }
      if (operand.role() == CasesOperand.Role.WRITTEN) {
        requireSameBits(operand, first.after[i], after[i], "a second call");
      } else if (operand.bound().units() == 0) {
        requireSameBits(operand, first.after[i], after[i], "a second copy");
      } else {
        double[] twice = new double[after[i].length];
        for (int j = 0; j < twice.length; j++) {
          twice[j] = 2 * expected.after[i][j] - operand.values()[j];
        }
        requireClose(operand, twice, after[i]);
      }
    }
  }

  /** The same call elsewhere must give the same bytes. */
  void requireSameBytes(BackendContractRun other, String where) {
    for (int i = 0; i < tensors.length; i++) {
      if (isResult(call.operands.get(i))) {
        requireSameBits(call.operands.get(i), other.after[i], after[i], where);
      }
    }
    assertEquals(
        Double.doubleToRawLongBits(other.returned),
        Double.doubleToRawLongBits(returned),
        "the result differs with " + where);
  }

  private static void requireSameBits(
      CasesOperand operand, double[] expected, double[] actual, String where) {
    long[] wanted = bits(expected);
    long[] got = bits(actual);
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i] != got[i]) {
        throw new AssertionError(
            "%s[%d] is %s, but with %s %s"
                .formatted(operand.name(), i, expected[i], where, actual[i]));
      }
    }
  }

  private static boolean isResult(CasesOperand operand) {
    return operand != null && operand.role() != CasesOperand.Role.READ;
  }

  private static long[] bits(double[] values) {
    long[] bits = new long[values.length];
    for (int i = 0; i < values.length; i++) {
      bits[i] = Double.doubleToLongBits(values[i]);
    }
    return bits;
  }

  private static double[] values(Tensor tensor) {
    if (tensor.buffer() instanceof Buffer.Doubles(double[] array)) {
      return array.clone();
    }
    float[] floats = tensor.floats();
    double[] values = new double[floats.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = floats[i];
    }
    return values;
  }
}
