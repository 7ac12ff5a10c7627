// The store of parameters: what it loads, shares, copies and refuses.
package io.lethe.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.backend.reference.Reference;
import io.lethe.tensor.DType;
import io.lethe.tensor.Scope;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import io.lethe.weights.SafeTensorsFile;
import io.lethe.weights.SafeTensorsWriter;
import io.lethe.weightstools.SyntheticWeights;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ParameterStoreTest {
  @TempDir Path folder;

  private final Arena arena = Arena.ofConfined();
  private Path file;
  private SafeTensorsFile weights;

  @BeforeEach
  void write() {
    file = folder.resolve("model.safetensors");
    SafeTensorsWriter.write(
        file,
        List.of(
            SyntheticWeights.entry("a.proj.weight", DType.F32, Shape.of(5, 3)),
            SyntheticWeights.entry("a.proj.bias", DType.F32, Shape.of(5)),
            SyntheticWeights.entry("a.half.weight", DType.F16, Shape.of(5, 3)),
            SyntheticWeights.entry("a.conv.weight", DType.F32, Shape.of(5, 3, 1, 1))));
    weights = SafeTensorsFile.open(file, arena);
  }

  @AfterEach
  void unmap() {
    arena.close();
  }

  private ParameterStore store(DType type) {
    return new ParameterStore(type, (name, shape) -> weights.tensor(name));
  }

  private ParameterStore filled(DType type) {
    ParameterStore store = store(type);
    ParameterPath path = store.root().child("a");
    path.child("proj").get("weight", 5, 3);
    path.child("proj").get("bias", 5);
    path.child("half").get("weight", 5, 3);
    return store;
  }

  @Test
  void matricesStayMappedAndVectorsAreRead() {
    ParameterPath proj = store(DType.F32).root().child("a").child("proj");
    Parameter weight = proj.get("weight", 5, 3);
    assertTrue(weight.data().isMapped());
    assertFalse(weight.isTrainable());
    assertNull(weight.gradient());
    assertEquals("a.proj.weight", weight.name());
    assertSame(weight, proj.get("weight", 5, 3), "asked for twice");
    Parameter bias = proj.get("bias", 5);
    assertArrayEquals(SyntheticWeights.weights("a.proj.bias", Shape.of(5)), bias.data().floats());
  }

  @Test
  void aTableThatIsAddedIsReadEvenThoughAMatrix() {
    Parameter table = store(DType.F32).root().child("a").child("half").getInMemory("weight", 5, 3);
    assertEquals(DType.F32, table.data().dtype());
    assertFalse(table.data().isMapped());
  }

  @Test
  void aConvolutionOfOneByOneAndALinearLayerAreOneLayout() {
    ParameterPath path = store(DType.F32).root().child("a");
    assertEquals(Shape.of(5, 3), path.child("conv").get("weight", 5, 3).data().shape());
    ParameterPath other = store(DType.F32).root().child("a");
    assertEquals(
        Shape.of(5, 3, 1, 1), other.child("proj").get("weight", 5, 3, 1, 1).data().shape());
  }

  @Test
  void anotherShapeIsTheFilesFaultAndNamesBoth() {
    ParameterPath proj = store(DType.F32).root().child("a").child("proj");
    String message = assertThrows(UserError.class, () -> proj.get("weight", 3, 5)).getMessage();
    assertTrue(message.contains(file.toString()), message);
    assertTrue(message.contains("'a.proj.weight'"), message);
    assertTrue(message.contains("[5, 3]") && message.contains("[3, 5]"), message);
  }

  @Test
  void twoShapesForOneNameAreTheModelsFault() {
    ParameterPath proj = store(DType.F32).root().child("a").child("proj");
    proj.get("weight", 5, 3);
    String message =
        assertThrows(LetheException.class, () -> proj.get("weight", 5, 3, 1, 1)).getMessage();
    assertTrue(message.contains("'a.proj.weight'"), message);
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F64"})
  void aForkSharesTheFrozenAndCopiesTheTrained(DType type) {
    ParameterStore frozen = filled(type);
    ParameterStore student = frozen.fork(name -> name.endsWith("proj.weight"));
    assertEquals(3, student.parameters().size());
    assertEquals(1, student.trainable().size());
    for (int i = 0; i < 3; i++) {
      Parameter before = frozen.parameters().get(i);
      Parameter after = student.parameters().get(i);
      assertEquals(before.name(), after.name());
      if (after.isTrainable()) {
        assertNotSame(before, after);
      } else {
        assertSame(before, after);
      }
    }
    Parameter trained = student.trainable().getFirst();
    assertEquals(type, trained.data().dtype());
    assertEquals(trained.data().shape(), trained.gradient().shape());
    assertArrayEquals(
        SyntheticWeights.weights("a.proj.weight", Shape.of(5, 3)), floats(trained.data()));
  }

  @Test
  void aForkedVectorLeavesTheFrozenOneAlone() {
    ParameterStore frozen = filled(DType.F32);
    float[] original = frozen.parameters().get(1).data().floats().clone();
    Parameter bias = frozen.fork(name -> name.endsWith("bias")).trainable().getFirst();
    bias.data().floats()[0] += 1;
    assertArrayEquals(original, frozen.parameters().get(1).data().floats());
  }

  @Test
  void aHalfPrecisionWeightIsTrainedInFull() {
    Parameter half = filled(DType.F32).fork(name -> name.contains("half")).trainable().getFirst();
    assertArrayEquals(weights.tensor("a.half.weight").toFloats(), half.data().floats());
  }

  @Test
  void aSelectorThatMatchesNothingIsRefused() {
    ParameterStore frozen = filled(DType.F32);
    assertThrows(UserError.class, () -> frozen.fork(name -> name.contains("attn2")));
  }

  @Test
  void aConstantViewFollowsTheUpdatesWithoutGradients() {
    ParameterStore student = filled(DType.F64).fork(name -> name.endsWith("proj.weight"));
    ParameterStore view = student.constantView();
    assertTrue(view.trainable().isEmpty());
    Parameter read = view.parameters().getFirst();
    Value x = Value.constant(Tensor.of("x", Shape.of(1, 3), new double[] {1, 0, 0}));
    Reference backend = new Reference();
    try (Scope scope = Scope.root("test", DType.F64)) {
      Tape tape = Tape.recording(backend, scope);
      Linear layer = Linear.withoutBias(view.root().child("a").child("proj"), 3, 5);
      student.trainable().getFirst().data().doubles()[0] = 42;
      Value y = layer.forward(tape, x);
      assertEquals(42, y.data().doubles()[0]);
      assertFalse(y.needsGradient());
    }
    assertSame(student.trainable().getFirst().data(), read.data());
    assertSame(student.parameters().get(2), view.parameters().get(2));
  }

  private static float[] floats(Tensor tensor) {
    if (tensor.dtype() == DType.F32) {
      return tensor.floats();
    }
    float[] values = new float[tensor.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) tensor.doubles()[i];
    }
    return values;
  }
}
