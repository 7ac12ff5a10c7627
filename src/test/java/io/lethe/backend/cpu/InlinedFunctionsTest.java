// Proves that this JVM takes the directive that vector functions are inlined.
package io.lethe.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

final class InlinedFunctionsTest {
  @Test
  void theCompilerKnowsTheDirectiveSoonAfterABackendIsMade() throws Exception {
    new Cpu(1).close();
    String printed = "";
    for (int tries = 0; tries < 200 && !printed.contains("VectorMath"); tries++) {
      Thread.sleep(50);
      printed = directives();
    }
    assertTrue(printed.contains("inline: +io/lethe/backend/cpu/VectorMath.*"), printed);
    assertTrue(printed.contains("+io/lethe/backend/cpu/LaneSum.*"), printed);
  }

  private static String directives() throws Exception {
    ObjectName commands = new ObjectName("com.sun.management:type=DiagnosticCommand");
    return (String)
        ManagementFactory.getPlatformMBeanServer()
            .invoke(commands, "compilerDirectivesPrint", null, null);
  }
}
