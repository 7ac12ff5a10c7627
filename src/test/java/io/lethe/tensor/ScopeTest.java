// Proves who owns compute memory, when it goes, and where it goes to.
package io.lethe.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.LetheException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

final class ScopeTest {
  @Test
  void anArrayOfTheSameSizeIsUsedAgain() {
    try (Scope run = Scope.root("run", DType.F32)) {
      float[] first;
      try (Scope step = run.child("one")) {
        first = step.allocate("a", Shape.of(3, 5)).floats();
      }
      try (Scope step = run.child("two")) {
        assertNotSame(first, step.allocate("other size", Shape.of(14)).floats());
        assertSame(first, step.allocate("same size", Shape.of(5, 3)).floats());
        assertNotSame(first, step.allocate("second of the size", Shape.of(15)).floats());
      }
    }
  }

  @Test
  void whatAClosedScopeLeavesIsUsedByTheNext() {
    float[] first;
    try (Scope run = Scope.root("one", DType.F32)) {
      first = run.allocate("a", Shape.of(1_000_003)).floats();
    }
    try (Scope run = Scope.root("two", DType.F32)) {
      assertSame(first, run.allocate("b", Shape.of(1_000_003)).floats());
    }
  }

  @Test
  void zerosAreZerosInUsedMemoryToo() {
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      try (Scope run = Scope.root("run", dtype)) {
        Tensor dirty = run.allocate("dirty", Shape.of(3));
        if (dtype == DType.F32) {
          dirty.floats()[1] = 7;
        } else {
          dirty.doubles()[1] = 7;
        }
        run.free(dirty);
        Tensor clean = run.zeros("clean", Shape.of(3));
        assertEquals(dtype, clean.dtype());
        if (dtype == DType.F32) {
          assertArrayEquals(new float[3], clean.floats());
        } else {
          assertArrayEquals(new double[3], clean.doubles());
        }
      }
    }
  }

  @Test
  void useAfterCloseNamesTheTensor() {
    Scope run = Scope.root("run", DType.F32);
    Tensor tensor = run.allocate("unet.mid", Shape.of(2, 3));
    run.close();
    assertMessage("tensor 'unet.mid' [2, 3] is used after its scope was closed", tensor::floats);
    assertMessage("'unet.mid'", tensor::buffer);
  }

  @Test
  void useAfterFreeNamesTheTensorAndOthersLiveOn() {
    try (Scope run = Scope.root("run", DType.F32)) {
      Tensor gone = run.allocate("gone", Shape.of(4));
      Tensor kept = run.allocate("kept", Shape.of(4));
      run.free(gone);
      assertFalse(run.owns(gone));
      assertMessage("'gone'", gone::floats);
      assertMessage("does not own tensor 'gone'", () -> run.free(gone));
      kept.floats()[0] = 1;
    }
  }

  @Test
  void aViewDiesWithItsOwnerAndIsOwnedWithIt() {
    Scope run = Scope.root("run", DType.F32);
    Tensor view = run.allocate("latent", Shape.of(2, 3)).reshape(Shape.of(6));
    assertTrue(run.owns(view));
    run.free(view);
    assertMessage("'latent' [6]", view::floats);
    Tensor other = run.allocate("other", Shape.of(6));
    Tensor otherView = other.reshape(Shape.of(3, 2));
    run.close();
    assertMessage("'other' [3, 2]", otherView::floats);
  }

  @Test
  void closingTwiceAndAllocatingAfterCloseAreErrorsThatNameTheScope() {
    Scope run = Scope.root("run", DType.F32);
    Scope step = run.child("step");
    step.close();
    assertMessage("scope 'run/step' is already closed", step::close);
    assertMessage("scope 'run/step'", () -> step.allocate("late", Shape.of(1)));
    assertMessage("scope 'run/step'", () -> step.child("deeper"));
    run.close();
  }

  @Test
  void aPromotedTensorOutlivesItsScope() {
    Scope run = Scope.root("run", DType.F32);
    Tensor kept;
    try (Scope step = run.child("step")) {
      kept = step.promote(step.allocate("kept", Shape.of(2)));
      assertTrue(run.owns(kept));
      assertFalse(step.owns(kept));
      assertMessage("does not own", () -> step.promote(kept));
    }
    kept.floats()[1] = 3;
    assertEquals(8, run.liveBytes());
    assertMessage("no parent", () -> run.promote(kept));
    run.close();
    assertMessage("'kept'", kept::floats);
  }

  @Test
  void aScopeTakesNoMemoryOfAnothersTensor() {
    try (Scope one = Scope.root("one", DType.F32);
        Scope two = Scope.root("two", DType.F32)) {
      Tensor tensor = one.allocate("mine", Shape.of(2));
      assertMessage("scope 'two' does not own tensor 'mine'", () -> two.free(tensor));
      Tensor unowned = Tensor.of("heap", Shape.of(2), new float[2]);
      assertMessage("does not own tensor 'heap'", () -> one.free(unowned));
      tensor.floats()[0] = 1;
    }
  }

  @Test
  void liveAndPeakBytesAreThoseOfTheWholeTree() {
    try (Scope run = Scope.root("run", DType.F32)) {
      run.allocate("base", Shape.of(10));
      try (Scope step = run.child("step")) {
        Tensor first = step.allocate("first", Shape.of(20));
        step.free(first);
        step.allocate("second", Shape.of(15));
        assertEquals(40 + 60, step.liveBytes());
        assertEquals(40 + 80, run.peakBytes());
      }
      assertEquals(40, run.liveBytes());
      assertEquals(120, run.peakBytes());
    }
    try (Scope run = Scope.root("run", DType.F64)) {
      run.allocate("wide", Shape.of(10));
      assertEquals(80, run.liveBytes());
    }
  }

  @Test
  void computesInRealNumbersOnly() {
    assertMessage("F32 or F64, not in BF16", () -> Scope.root("run", DType.BF16));
  }

  private static void assertMessage(String part, Executable call) {
    String message = assertThrows(LetheException.class, call).getMessage();
    assertTrue(message.contains(part), message);
  }
}
