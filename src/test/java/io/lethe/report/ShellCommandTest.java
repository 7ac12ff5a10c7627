// Commands that may be pasted whatever a concept is called.
package io.lethe.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class ShellCommandTest {
  @Test
  void aShellReadsEveryWordAsItStands() throws IOException, InterruptedException {
    String hostile = "it's; $(touch x) `y` \"z\" \\ *";
    String line = new ShellCommand("printf", "%s").word(hostile).toString();
    Assumptions.assumeTrue(new java.io.File("/bin/sh").canExecute(), "no POSIX shell");
    Process shell = new ProcessBuilder("/bin/sh", "-c", line).start();
    String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, shell.waitFor());
    assertEquals(hostile, said);
    assertEquals(
        "lethe x --a lion --b",
        new ShellCommand("lethe", "x").option("--a", "lion").flag("--b").toString());
  }
}
