// One run of the command line within the test, with all it said.
package io.lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Exit code, standard output and standard error. */
record CommandRun(int status, String out, String err) {

  static CommandRun of(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status = Main.run(new PrintWriter(out), new PrintWriter(err), arguments);
    return new CommandRun(status, out.toString(), err.toString());
  }

  /** Runs what must succeed without complaint. */
  static CommandRun good(String... arguments) {
    CommandRun run = of(arguments);
    assertEquals(0, run.status(), run.err());
    return run;
  }

  /** Runs what must be refused with exit code 2 and one line that contains these words. */
  static CommandRun refused(List<String> words, String... arguments) {
    CommandRun run = of(arguments);
    assertEquals(2, run.status(), run.err());
    assertEquals("", run.out());
    assertEquals(1, run.complaints(), run.err());
    words.forEach(word -> assertTrue(run.err().contains(word), run.err()));
    return run;
  }

  /** Lines of errors; on a slow machine lines of progress may stand before them. */
  long complaints() {
    return err.lines().filter(line -> line.startsWith("lethe: ")).count();
  }

  JsonNode json() {
    return new JsonMapper().readTree(out);
  }
}
