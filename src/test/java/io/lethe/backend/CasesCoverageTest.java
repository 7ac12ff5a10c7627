// Proves that no primitive goes without a case.
package io.lethe.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.tensor.DType;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Enumerates the methods of {@link Backend} and compares them with what the table's cases really
 * call.
 */
final class CasesCoverageTest {
  private static final Set<String> NOT_PRIMITIVES =
      Set.of("name", "computeType", "parallel", "packedBytes");

  @Test
  void everyPrimitiveHasACase() {
    Set<String> covered = new TreeSet<>();
    for (BackendContractCase unit : Cases.all()) {
      covered.add(unit.method());
    }
    assertEquals(primitives(), covered);
  }

  @Test
  void everyCaseCallsThePrimitiveItNames() {
    for (BackendContractCase unit : Cases.all()) {
      List<String> called = new ArrayList<>();
      CasesCall call = unit.prepare().get();
      call.body.run(recorder(called), call.tensors(DType.F32));
      assertEquals(List.of(unit.method()), called, unit.descriptor());
    }
  }

  @Test
  void descriptorsAreUniqueAndBeginWithThePrimitive() {
    Set<String> seen = new HashSet<>();
    for (BackendContractCase unit : Cases.all()) {
      assertTrue(seen.add(unit.descriptor()), unit.descriptor() + " stands in the table twice");
      assertTrue(unit.descriptor().startsWith(unit.method() + "_"), unit.descriptor());
    }
  }

  private static Set<String> primitives() {
    Set<String> names = new TreeSet<>();
    for (Method method : Backend.class.getMethods()) {
      if (!NOT_PRIMITIVES.contains(method.getName())) {
        assertTrue(names.add(method.getName()), method.getName() + " is overloaded");
      }
    }
    return names;
  }

  /** A backend that computes nothing and writes down what it was asked for. */
  private static Backend recorder(List<String> called) {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> {
              called.add(method.getName());
              return method.getReturnType() == double.class ? 0.0 : null;
            });
  }
}
