// The command line: reads the arguments and runs the command that they name.
package io.lethe.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Starts Lethe from the shell; the exit code is 0, 2 for the user's mistake, 1 for ours. */
@Command(
    name = "lethe",
    description = "Makes text-to-image diffusion models forget a concept, and proves that it did.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  private Main() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Main()).execute(arguments));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "name a command");
  }

  /** The version as the jar's manifest has it. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"lethe " + Main.class.getPackage().getImplementationVersion()};
    }
  }
}
