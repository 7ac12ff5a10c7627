// The sentences in which a concept is asked for.
package io.lethe.evaluate;

import io.lethe.UserError;
import io.lethe.weights.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Templates with {@code {}} where the name goes; {@code a {}} becomes {@code an} before a, e, i, o
 * and u.
 *
 * <p>Erasure measured on the bare word alone means little, so there are several forms.
 */
public record PromptForms(List<String> templates) {
  private static final String PLACE = "{}";
  private static final Pattern ARTICLE = Pattern.compile("\\b([aA])n? \\{\\}");

  /** The forms that the bundled model was trained on. */
  public static final PromptForms EMOJI =
      new PromptForms(List.of("{}", "a {}", "an emoji of a {}", "a picture of a {}"));

  /** The forms for models of photographs and everything else. */
  public static final PromptForms PHOTO =
      new PromptForms(List.of("{}", "a photo of {}", "a photo of a {}", "a picture of a {}"));

  /**
   * @throws UserError if there is no template, or one without a place for the name
   */
  public PromptForms {
    templates = List.copyOf(templates);
    if (templates.isEmpty()) {
      throw new UserError("there is no prompt form; give at least one line with {} in it");
    }
    for (String template : templates) {
      if (!template.contains(PLACE)) {
        throw new UserError(
            "the prompt form "
                + Printable.quote(template)
                + " has no {} where the name of the concept goes");
      }
    }
  }

  /** One template a line; blank lines and lines that start with # do not count. */
  public static PromptForms read(Path file) {
    return new PromptForms(lines(file));
  }

  /**
   * The lines of a text file, stripped, without blank ones and those that start with #.
   *
   * @throws UserError if it cannot be read or has none
   */
  public static List<String> lines(Path file) {
    List<String> lines;
    try {
      lines =
          Files.readAllLines(file).stream()
              .map(String::strip)
              .filter(line -> !line.isEmpty() && !line.startsWith("#"))
              .toList();
    } catch (IOException failure) {
      throw new UserError(
          "cannot read the text file "
              + Printable.quote(file.toString())
              + "; is it there, and UTF-8?",
          failure);
    }
    if (lines.isEmpty()) {
      throw new UserError(Printable.quote(file.toString()) + " has no line that counts");
    }
    return lines;
  }

  /**
   * The forms for a model: those of the bundled one where the judge has the same words and a list
   * of its concepts, as models that were trained together do; else those of photographs.
   */
  public static PromptForms suiting(Path tokenizerFolder, Path judgeFolder) {
    try {
      Path words = tokenizerFolder.resolve("vocab.json");
      Path judgeWords = judgeFolder.resolve("vocab.json");
      boolean together =
          Files.exists(judgeFolder.resolve(ConceptList.FILE))
              && Files.exists(words)
              && Files.exists(judgeWords)
              && Files.mismatch(words, judgeWords) < 0;
      return together ? EMOJI : PHOTO;
    } catch (IOException unreadable) {
      return PHOTO; // whoever needs the files will say what is wrong with them
    }
  }

  /** How many forms there are. */
  public int count() {
    return templates.size();
  }

  /** The prompt that asks for this name in one form. */
  public String prompt(int form, String name) {
    return fill(templates.get(form), name);
  }

  /** One template with the name in it. */
  static String fill(String template, String name) {
    boolean vowel = !name.isEmpty() && "aeiouAEIOU".indexOf(name.charAt(0)) >= 0;
    String article = vowel ? "$1n {}" : "$1 {}";
    return ARTICLE.matcher(template).replaceAll(article).replace(PLACE, name);
  }
}
