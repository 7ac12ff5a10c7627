// Proves that a tensor fits its memory, shares it with its views, and says what it is when misread.
package io.lethe.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.LetheException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

final class TensorTest {
  private final Tensor single = Tensor.of("single", Shape.of(2, 3), new float[6]);

  @Test
  void aViewSharesMemoryUnderAnotherShape() {
    Tensor view = single.reshape(Shape.of(6));
    view.floats()[5] = 7;
    assertSame(single.floats(), view.floats());
    assertEquals(7, single.floats()[5]);
    assertEquals(Shape.of(2, 3), single.shape());
    assertEquals("single", view.name());
  }

  @Test
  void knowsItsTypeAndMemory() {
    assertEquals(DType.F32, single.dtype());
    assertEquals(DType.F64, Tensor.of("double", Shape.of(1), new double[1]).dtype());
    Tensor mapped = mapped(DType.BF16, 12);
    assertEquals(DType.BF16, mapped.dtype());
    assertTrue(mapped.isMapped());
    assertEquals(12, mapped.segment().byteSize());
    assertEquals("weight[2, 3]:BF16", mapped.toString());
  }

  @Test
  void refusesMemoryThatItDoesNotFill() {
    assertMessage("'x' [2, 2] does not fit", () -> Tensor.of("x", Shape.of(2, 2), new float[5]));
    assertMessage("'x' [2, 2] does not fit", () -> Tensor.of("x", Shape.of(2, 2), new double[3]));
    assertMessage("'weight' [2, 3] F32 does not fill its 23 bytes", () -> mapped(DType.F32, 23));
    assertMessage("holds no real numbers", () -> mapped(DType.I64, 48));
    assertMessage("'single' [2, 3] cannot be seen as [4]", () -> single.reshape(Shape.of(4)));
  }

  @Test
  void saysWhatItIsWhenReadAsSomethingElse() {
    assertMessage("'single' [2, 3] is F32, not F64 compute memory", single::doubles);
    assertMessage("'single' [2, 3] is F32, not mapped memory", single::segment);
    assertMessage("'weight' [2, 3] is F16, not F32 compute", () -> mapped(DType.F16, 12).floats());
  }

  private static Tensor mapped(DType dtype, int bytes) {
    return Tensor.mapped("weight", Shape.of(2, 3), dtype, MemorySegment.ofArray(new byte[bytes]));
  }

  private static void assertMessage(String part, Executable call) {
    String message = assertThrows(LetheException.class, call).getMessage();
    assertTrue(message.contains(part), message);
  }
}
