// Holds a backend to the contract: every case against the reference, and the rules that all
// primitives share.
package io.lethe.backend;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lethe.backend.reference.Reference;
import io.lethe.tensor.DType;
import io.lethe.tensor.Scope;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract of {@link Backend}; a subclass names the backend. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class BackendContract {
  private final Reference reference = new Reference();
  private final List<Backend> backends = new ArrayList<>();

  /**
   * The numbers of threads whose results must be the same to the bit; the first also meets the
   * reference.
   */
  protected int[] threadCounts() {
    return new int[] {1, 2, 3};
  }

  /** A new backend that computes with so many threads; closed at the end if it can be. */
  protected abstract Backend backend(int threads);

  @BeforeAll
  public final void start() {
    for (int threads : threadCounts()) {
      backends.add(backend(threads));
    }
  }

  @AfterAll
  public final void stop() throws Exception {
    for (Backend backend : backends) {
      if (backend instanceof AutoCloseable closeable) {
        closeable.close();
      }
    }
  }

  static List<BackendContractCase> cases() {
    return Cases.chosen();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  public final void meets(BackendContractCase unit) {
    CasesCall call = unit.prepare().get();
    BackendContractRun expected = BackendContractRun.of(call, reference);
    expected.requireMeaning();
    BackendContractRun first = BackendContractRun.of(call, backends.get(0));
    BackendContractRun again = first.again();
    List<BackendContractRun> others = new ArrayList<>();
    for (Backend backend : backends) {
      others.add(BackendContractRun.of(call, backend));
    }
    assertAll(
        unit.descriptor() + " on " + backends.get(0).name(),
        () -> first.requireClose(expected),
        () -> first.requireInputsKept(),
        () -> again.requireSecondCallOf(first, expected),
        () -> {
          int[] threads = threadCounts();
          for (int i = 0; i < threads.length; i++) {
            others.get(i).requireSameBytes(first, threads[i] + " threads");
          }
        });
  }

  /** Weights in compute memory change between training steps, so no call may remember them. */
  @Test
  public final void operandsAreReadAfreshAtEveryCall() {
    ConvShape conv = ConvShape.square(1, 5, 5, 16, 16, 3, 1, 1);
    CasesCall product =
        new CasesCall()
            .read("a", 33, 40)
            .read("b", 40, 33)
            .written("c", CasesBound.sum(40), 33, 33)
            .on((b, t) -> b.gemm(false, false, 33, 33, 40, t[0], t[1], null, t[2], false));
    CasesCall picture =
        new CasesCall()
            .read("x", 1, 25, 16)
            .read("weight", 16, 16, 3, 3)
            .written("y", CasesBound.sum(144), 1, 25, 16)
            .on((b, t) -> b.conv2d(conv, t[0], t[1], null, t[2]));
    for (CasesCall call : List.of(product, picture)) {
      BackendContractRun before = BackendContractRun.of(call, backends.get(0));
      before.negate(1);
      BackendContractRun after = before.again();
      for (int i = 0; i < after.result(2).length; i++) {
        assertEquals(-before.result(2)[i], after.result(2)[i], 0, "element " + i);
      }
    }
  }

  /** A backend may keep what it made of a frozen weight, but not take one form for another. */
  @Test
  public final void oneMappedWeightServesAllItsUses() {
    ConvShape[] shapes = {
      ConvShape.square(1, 5, 7, 33, 33, 3, 1, 1),
      ConvShape.square(1, 5, 7, 33, 33, 3, 2, 1),
      ConvShape.square(1, 5, 7, 33, 33, 3, 1, 0)
    };
    CasesCall call =
        new CasesCall()
            .read("matrix input", 7, 33)
            .weight("matrix", DType.BF16, 33, 33)
            .read("picture", 1, 35, 33)
            .weight("filters", DType.F16, 33, 33, 3, 3);
    int first = call.operands.size();
    for (int use = 0; use < 4; use++) {
      call.written("product " + use, CasesBound.sum(33), 7, 33);
    }
    for (ConvShape s : shapes) {
      int positions = s.outHeight() * s.outWidth();
      call.written("y of " + s, CasesBound.sum(s.taps()), 1, positions, 33);
      call.written("dx of " + s, CasesBound.sum(s.taps()), 1, 35, 33);
    }
    call.on((b, t) -> {
      for (int use = 0; use < 4; use++) {
        b.gemm(false, use % 2 == 1, 7, 33, 33, t[0], t[1], null, t[first + use], false);
      }
      for (int i = 0; i < shapes.length; i++) {
        b.conv2d(shapes[i], t[2], t[3], null, t[first + 4 + 2 * i]);
        b.conv2dInputGradient(shapes[i], t[first + 4 + 2 * i], t[3], t[first + 5 + 2 * i]);
      }
    });
    BackendContractRun expected = BackendContractRun.of(call, reference);
    expected.requireMeaning();
    BackendContractRun.of(call, backends.get(0)).requireClose(expected);
  }

  /**
   * A model with a NaN in it must be seen to have one, so NaN may not vanish in a maximum or a
   * clamp.
   */
  @ParameterizedTest(name = "{0}")
  @MethodSource("smallCases")
  public final void nanReachesTheResult(BackendContractCase unit) {
    CasesCall call = unit.prepare().get();
    double[] poisoned = call.operands.get(0).values();
    poisoned[poisoned.length / 2] = Double.NaN;
    BackendContractRun run = BackendContractRun.of(call, backends.get(0));
    run.requireNanOf(BackendContractRun.of(call, reference));
  }

  static List<BackendContractCase> smallCases() {
    return Cases.oneOfEachMethod();
  }

  @Test
  public final void aScopesTensorsServeAsOperands() {
    Backend backend = backends.get(0);
    try (Scope scope = Scope.root("contract", backend.computeType())) {
      Tensor zeros = scope.zeros("zeros", Shape.of(3, 7));
      assertEquals(0, backend.sumOfSquares(zeros), 0);
    }
  }
}
