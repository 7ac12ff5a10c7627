// The command line: reads the arguments and runs the command that they name.
package io.lethe.cli;

import io.lethe.UserError;
import io.lethe.api.Lethe;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * Starts Lethe from the shell; the exit code is 0, 2 for the user's mistake, 1 for ours, 130 after
 * Ctrl-C.
 */
@Command(
    name = "lethe",
    header = "Makes text-to-image diffusion models forget a concept, and proves that it did.",
    description = {
      "%nReads and writes model folders in the diffusers layout. Everything runs on the CPU. A"
          + " small model and its judge are bundled, so that every command works without a"
          + " download."
    },
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Main.Version.class,
    optionListHeading = "%nOptions:%n",
    commandListHeading = "%nCommands:%n",
    footerHeading = "%nExamples:%n",
    subcommands = {
      EraseCommand.class,
      GenerateCommand.class,
      EvaluateCommand.class,
      AttackCommand.class,
      CompareCommand.class,
      RunCellCommand.class,
      ReportCommand.class,
      InspectCommand.class,
      TraceCommand.class,
      ApplyCommand.class
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = "--threads",
      paramLabel = "N",
      scope = ScopeType.INHERIT,
      description = "Threads to compute with; the results are the same for any number.")
  private Integer threads;

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "Print the result as JSON, for other programs.")
  private boolean json;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "After an error, print where in Lethe it arose.")
  private boolean debug;

  private final Interruption interruption;

  private Main(Interruption interruption) {
    this.interruption = interruption;
  }

  /** Runs one command and ends the program with its exit code. */
  public static void main(String[] arguments) {
    EarlyStart.begin();
    Interruption interruption = Interruption.watch();
    int status = commandLine(interruption).execute(arguments);
    interruption.finished();
    System.exit(status);
  }

  /** Runs one command within this program and returns its exit code. */
  static int run(PrintWriter out, PrintWriter err, String... arguments) {
    return commandLine(Interruption.none()).setOut(out).setErr(err).execute(arguments);
  }

  private static CommandLine commandLine(Interruption interruption) {
    Main main = new Main(interruption);
    ErrorLine errors = new ErrorLine(interruption);
    CommandLine commandLine = new CommandLine(main);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setUsageHelpAutoWidth(true);
    commandLine.setParameterExceptionHandler(errors);
    commandLine.setExecutionExceptionHandler(errors);
    commandLine
        .getCommandSpec()
        .usageMessage()
        .footer(
            "  lethe erase                              forget a lion, and see what is left",
            "  lethe erase --concept taxi --method esd  another concept, another method",
            "  lethe generate --prompt \"an owl\" --out owl.png",
            "  lethe COMMAND --help                     what a command does, with examples");
    return commandLine;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getErr());
    throw new UserError("name a command, such as: lethe erase");
  }

  /** What happens on Ctrl-C. */
  Interruption interruption() {
    return interruption;
  }

  /** Whether results are printed as JSON. */
  boolean json() {
    return json;
  }

  /** Whether errors show their stack. */
  boolean debug() {
    return debug;
  }

  /** How many threads were asked for; as many as there are processors by default. */
  int threads() {
    if (threads == null) {
      return Runtime.getRuntime().availableProcessors();
    }
    return OptionChecks.between("--threads", threads, 1, 1024);
  }

  /** The version as the jar's manifest has it. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {
        "lethe " + Lethe.version(),
        "Java "
            + Runtime.version()
            + ", "
            + System.getProperty("os.name")
            + " "
            + System.getProperty("os.arch")
      };
    }
  }
}
