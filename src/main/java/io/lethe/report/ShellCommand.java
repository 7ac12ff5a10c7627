// The command that repeats a run, safe to paste whatever a concept is called.
package io.lethe.report;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Words of a command line for a POSIX shell. */
final class ShellCommand {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  private static final int LONGEST_LINE = 90;

  private final List<String> words = new ArrayList<>();

  ShellCommand(String... words) {
    this.words.addAll(List.of(words));
  }

  ShellCommand option(String name, String value) {
    words.add(name);
    return word(value);
  }

  ShellCommand word(String word) {
    words.add(quote(word));
    return this;
  }

  ShellCommand flag(String name) {
    words.add(name);
    return this;
  }

  /** In single quotes, in which a shell takes everything as it stands, where that is needed. */
  static String quote(String word) {
    return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /** Lines of at most 90 letters, broken before an option, to be joined by a backslash. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < words.size(); i++) {
      boolean option = words.get(i).startsWith("--");
      int next = i + 1 < words.size() ? words.get(i + 1).length() : 0;
      if (option && line.length() + words.get(i).length() + next > LONGEST_LINE) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(words.get(i));
    }
    lines.add(line.toString());
    return lines;
  }

  @Override
  public String toString() {
    return String.join(" ", words);
  }

  /** The erasure, with every setting that its record names. */
  static ShellCommand erase(ErasureRecord erasure, String model, String out) {
    ShellCommand command = new ShellCommand("lethe", "erase");
    command.option("--model", model).option("--method", erasure.method());
    erasure.concepts().forEach(concept -> command.option("--concept", concept));
    erasure.eraseFrom().forEach(prompt -> command.option("--erase-from", prompt));
    erasure.preserve().forEach(name -> command.option("--preserve", name));
    command.option("--seed", Long.toString(erasure.seed()));
    erasure
        .settings()
        .forEach((name, value) -> {
          if (value.equals("true")) {
            command.flag("--" + name);
          } else if (!value.equals("false") && !value.isEmpty()) {
            command.option("--" + name, value);
          }
        });
    return command.option("--out", out);
  }
}
