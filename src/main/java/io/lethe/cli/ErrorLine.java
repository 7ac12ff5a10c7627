// Every error as one line, with an exit code that says whose it is.
package io.lethe.cli;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.evaluate.Suggestion;
import io.lethe.weights.Printable;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Prints {@code lethe: MESSAGE} to standard error; 2 for the user's mistake, 1 for ours. */
final class ErrorLine implements IExecutionExceptionHandler, IParameterExceptionHandler {
  static final int OURS = 1;
  static final int USERS = 2;

  /** Everything was done, and some cells of a comparison failed. */
  static final int INCOMPLETE = 3;

  static final int INTERRUPTED = 130;

  private final Interruption interruption;

  ErrorLine(Interruption interruption) {
    this.interruption = interruption;
  }

  @Override
  public int handleParseException(ParameterException failure, String[] arguments) {
    CommandLine commandLine = failure.getCommandLine();
    List<String> unmatched = commandLine.getUnmatchedArguments();
    String message =
        unmatched.isEmpty()
            ? decapitalised(withoutLineEnds(failure.getMessage()))
            : unknown(unmatched.getFirst(), commandLine.getCommandSpec());
    String help = commandLine.getCommandSpec().qualifiedName() + " --help";
    print(commandLine.getErr(), message + "; see: " + help);
    return USERS;
  }

  private static String unknown(String first, CommandSpec spec) {
    List<String> known = new ArrayList<>();
    String kind;
    if (first.startsWith("-")) {
      kind = "option";
      spec.options().forEach(option -> known.add(option.longestName()));
    } else if (!spec.subcommands().isEmpty()) {
      kind = "command";
      known.addAll(spec.subcommands().keySet());
    } else {
      kind = "argument";
    }
    String name = first.startsWith("-") ? first.split("=", 2)[0] : first;
    return "there is no %s %s%s"
        .formatted(kind, Printable.quote(name), Suggestion.among(known, name));
  }

  @Override
  public int handleExecutionException(
      Exception failure, CommandLine commandLine, ParseResult parsed) {
    return report(failure, commandLine);
  }

  private int report(Throwable failure, CommandLine commandLine) {
    if (interruption.isEnding()) {
      return INTERRUPTED;
    }
    Object root = commandLine.getCommandSpec().root().userObject();
    boolean debug = root instanceof Main main && main.debug();
    PrintWriter err = commandLine.getErr();
    if (debug) {
      failure.printStackTrace(err);
    }
    String more = debug ? "" : "; --debug shows where";
    if (failure instanceof UserError) {
      print(err, withoutLineEnds(failure.getMessage()));
      return USERS;
    }
    if (failure instanceof LetheException) {
      print(err, withoutLineEnds(failure.getMessage()) + more);
    } else {
      print(err, "a mistake of Lethe's own: " + withoutLineEnds(failure.toString()) + more);
    }
    return OURS;
  }

  /** Runs a command's body so that running out of memory is an error like any other. */
  static int guarding(Body body) {
    try {
      return body.run();
    } catch (OutOfMemoryError failure) {
      long most = Runtime.getRuntime().maxMemory() >> 20;
      throw new LetheException(
          "out of memory: the heap may have %d MiB; allow more with LETHE_JAVA_OPTS=-Xmx8g, or"
                  .formatted(most)
              + " ask for less at a time",
          failure);
    } catch (StackOverflowError failure) {
      throw new LetheException("the stack overflowed", failure);
    }
  }

  /** A command's work. */
  @FunctionalInterface
  interface Body {
    int run();
  }

  private static void print(PrintWriter err, String message) {
    err.println("lethe: " + message);
    err.flush();
  }

  private static String decapitalised(String message) {
    boolean word = message.length() > 1 && Character.isLowerCase(message.charAt(1));
    return word ? Character.toLowerCase(message.charAt(0)) + message.substring(1) : message;
  }

  private static String withoutLineEnds(String message) {
    return message == null ? "no reason given" : message.strip().replaceAll("\\s*\\R\\s*", "; ");
  }
}
