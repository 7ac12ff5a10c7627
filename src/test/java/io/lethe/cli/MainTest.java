// The command line as a whole: help, version, unknown words, whose mistake it was.
package io.lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.LetheException;
import java.util.List;
import org.junit.jupiter.api.Test;

class MainTest {
  private static final List<String> COMMANDS =
      List.of(
          "generate",
          "erase",
          "apply",
          "attack",
          "evaluate",
          "compare",
          "run-cell",
          "report",
          "inspect",
          "trace");

  @Test
  void helpTeachesWithExamples() {
    CommandRun main = CommandRun.good("--help");
    for (String command : COMMANDS) {
      assertTrue(main.out().contains(command), main.out());
      CommandRun help = CommandRun.good(command, "--help");
      assertTrue(help.out().contains("Examples:"), command);
      assertTrue(help.out().contains("lethe " + command + " "), command);
      assertTrue(help.out().contains("--json"), command);
      assertTrue(help.out().contains("--threads"), command);
      assertFalse(help.out().contains("%n"), command);
      // A ${variable} that picocli took for one of its own comes out as null.
      assertFalse(help.out().replace("null space", "").contains("null"), command);
      help.out().lines().forEach(line -> assertTrue(line.length() <= 80, line));
    }
  }

  @Test
  void version() {
    assertTrue(CommandRun.good("--version").out().startsWith("lethe "));
  }

  @Test
  void unknownWordsAreAnsweredWithTheNearest() {
    CommandRun.refused(List.of("no command \"gen\"", "did you mean \"generate\""), "gen");
    CommandRun.refused(
        List.of("no option \"--promt\"", "did you mean \"--prompt\""),
        "generate",
        "--promt",
        "an owl",
        "--out",
        "x.png");
    CommandRun.refused(
        List.of("no option \"--sede\"", "did you mean \"--seed\""), "generate", "--sede=3");
    CommandRun.refused(List.of("no argument \"b\""), "inspect", "a", "b");
    CommandRun.refused(List.of("no command \"\\u001b[31m\""), "\u001b[31m");
  }

  @Test
  void whatIsMissingOrMalformedIsNamed() {
    CommandRun.refused(List.of("--prompt", "--out", "lethe generate --help"), "generate");
    CommandRun.refused(
        List.of("--steps", "many"), "generate", "--prompt=x", "--out=x.png", "--steps=many");
    CommandRun.refused(
        List.of("--threads is 0"), "--threads=0", "generate", "--prompt=x", "--out=x.png");
    CommandRun.refused(
        List.of("unet, text_encoder, vae, clip"),
        "trace",
        "--component=eyes",
        "--inputs=a",
        "--out=b");
  }

  @Test
  void withoutACommandTheHelpIsShown() {
    CommandRun run = CommandRun.of();
    assertEquals(2, run.status());
    assertTrue(run.err().contains("Commands:"), run.err());
    assertTrue(run.err().strip().endsWith("lethe erase"), run.err());
  }

  @Test
  void debugShowsTheStack() {
    CommandRun run = CommandRun.of("inspect", "/no/such/place", "--debug");
    assertEquals(2, run.status());
    assertTrue(run.err().contains("\tat io.lethe.cli."), run.err());
    assertFalse(CommandRun.of("inspect", "/no/such/place").err().contains("\tat "));
  }

  @Test
  void runningOutOfMemoryIsAnErrorThatSaysWhatToDo() {
    LetheException error =
        assertThrows(
            LetheException.class,
            () ->
                ErrorLine.guarding(() -> {
                  throw new OutOfMemoryError("Java heap space");
                }));
    assertTrue(error.getMessage().contains("-Xmx"), error.getMessage());
  }
}
