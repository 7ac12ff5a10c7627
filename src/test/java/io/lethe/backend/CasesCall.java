// One call of one primitive: its operands in order, and how they are handed over.
package io.lethe.backend;

import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Operands are added in the order in which {@link Body} finds them; those not given are null there.
 */
final class CasesCall {
  /** Makes the call; returns the primitive's own result, or 0 where it has none. */
  interface Body {
    double run(Backend backend, Tensor[] operands);
  }

  /** A call without a result of its own. */
  interface VoidBody {
    void run(Backend backend, Tensor[] operands);
  }

  final List<CasesOperand> operands = new ArrayList<>();
  Body body;
  CasesBound resultBound;

  /** Normal numbers, different for each place in the list. */
  CasesCall read(String name, long... extents) {
    return read(name, CasesSignal.normal(place(), Shape.of(extents).size()), extents);
  }

  CasesCall read(String name, double[] values, long... extents) {
    operands.add(CasesOperand.read(name, Shape.of(extents), values));
    return this;
  }

  /** Normal numbers as a weight: in compute memory for a null dtype, else mapped. */
  CasesCall weight(String name, DType dtype, long... extents) {
    if (dtype == null) {
      return read(name, extents);
    }
    Shape shape = Shape.of(extents);
    double[] values = CasesSignal.normal(place(), shape.size());
    operands.add(CasesOperand.mapped(name, shape, dtype, values));
    return this;
  }

  CasesCall written(String name, CasesBound bound, long... extents) {
    operands.add(CasesOperand.written(name, Shape.of(extents), bound));
    return this;
  }

  CasesCall added(String name, CasesBound bound, long... extents) {
    Shape shape = Shape.of(extents);
    double[] values = CasesSignal.normal(place(), shape.size());
    operands.add(CasesOperand.added(name, shape, values, bound));
    return this;
  }

  /** A target whose elements outside a copied range must stay as they are. */
  CasesCall copied(String name, long... extents) {
    return added(name, CasesBound.exact(), extents);
  }

  /** Replaces the operand just given by null unless it is wanted. */
  CasesCall when(boolean wanted) {
    if (!wanted) {
      operands.set(operands.size() - 1, null);
    }
    return this;
  }

  CasesCall on(VoidBody call) {
    body =
        (backend, tensors) -> {
          call.run(backend, tensors);
          return 0;
        };
    return this;
  }

  CasesCall returning(CasesBound bound, Body call) {
    body = call;
    resultBound = bound;
    return this;
  }

  /** All operands in a backend's own memory; null where the call has none. */
  Tensor[] tensors(DType computeType) {
    Tensor[] tensors = new Tensor[operands.size()];
    for (int i = 0; i < tensors.length; i++) {
      CasesOperand operand = operands.get(i);
      tensors[i] = operand == null ? null : operand.tensor(computeType);
    }
    return tensors;
  }

  private long place() {
    return operands.size() + 1L;
  }
}
