// Reads what lethe evaluate wrote: summary.json and scores.csv.
package io.lethe.report;

import io.lethe.UserError;
import io.lethe.evaluate.EvaluationReport;
import io.lethe.report.JudgedPicture.Split;
import io.lethe.weights.Printable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.ObjectReader;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvSchema;

/**
 * An evaluation: the same prompts and seeds drawn by the base and by the edited model.
 *
 * @param summary what was compared, by which judge, with which settings
 * @param base the base model's pictures
 * @param erased the edited model's, in the same order
 */
public record EvaluationFolder(
    JsonNode summary, List<JudgedPicture> base, List<JudgedPicture> erased) {
  private static final ObjectReader ROWS =
      new CsvMapper()
          .readerFor(Map.class)
          .with(CsvSchema.emptySchema().withHeader().withStrictHeaders(true));

  public EvaluationFolder {
    base = List.copyOf(base);
    erased = List.copyOf(erased);
  }

  /**
   * @throws UserError if a file is missing or damaged, or a picture of one of the models is missing
   */
  public static EvaluationFolder read(Path folder) {
    JsonNode summary = JsonFile.read(folder.resolve("summary.json"));
    Path scores = folder.resolve("scores.csv");
    try {
      return parse(summary, Files.readString(scores), scores);
    } catch (IOException unreadable) {
      throw new UserError(
          Printable.quote(scores.toString()) + " cannot be read; is it there, and UTF-8?",
          unreadable);
    }
  }

  /** An evaluation that has just been made and need not be written first. */
  public static EvaluationFolder of(EvaluationReport report) {
    return parse(report.summary(Map.of()), report.scores(), Path.of("scores.csv"));
  }

  /**
   * @param file what errors call it
   */
  static EvaluationFolder parse(JsonNode summary, String scores, Path file) {
    List<JudgedPicture> base = new ArrayList<>();
    List<JudgedPicture> erased = new ArrayList<>();
    int line = 1;
    try (MappingIterator<Map<String, String>> rows =
        ROWS.readValues(scores.getBytes(StandardCharsets.UTF_8))) {
      while (rows.hasNextValue()) {
        Row row = new Row(rows.nextValue(), ++line, file);
        boolean isBase = row.oneOf("model", "base", "erased");
        (isBase ? base : erased).add(row.picture());
      }
    } catch (JacksonException malformed) {
      throw new UserError(
          "%s is no table of scores: line %d: %s"
              .formatted(
                  Printable.quote(file.toString()),
                  line + 1,
                  Printable.quote(malformed.getOriginalMessage())),
          malformed);
    } catch (UncheckedIOException impossible) {
      throw new UserError(Printable.quote(file.toString()) + " cannot be read", impossible);
    }
    EvaluationFolder folder = new EvaluationFolder(summary, base, erased);
    folder.requirePairs(file);
    return folder;
  }

  /** A figure over pictures of which some are missing would be of another question. */
  private void requirePairs(Path file) {
    if (base.isEmpty() || base.size() != erased.size()) {
      throw new UserError(
          "%s has %d pictures of the base model and %d of the edited one; they belong in pairs"
              .formatted(Printable.quote(file.toString()), base.size(), erased.size()));
    }
    for (int i = 0; i < base.size(); i++) {
      JudgedPicture before = base.get(i);
      JudgedPicture after = erased.get(i);
      if (!before.prompt().equals(after.prompt())
          || !before.concept().equals(after.concept())
          || before.seed() != after.seed()) {
        throw new UserError(
            "%s: the edited model's row %d is %s with seed %d, the base's is %s with seed %d"
                .formatted(
                    Printable.quote(file.toString()),
                    i + 1,
                    Printable.quote(after.prompt()),
                    after.seed(),
                    Printable.quote(before.prompt()),
                    before.seed()));
      }
    }
  }

  /** The names that should be gone, in the file's order. */
  List<String> erasedNames() {
    return names(true);
  }

  /** The names that should have stayed. */
  List<String> keptNames() {
    return names(false);
  }

  private List<String> names(boolean gone) {
    Set<String> names = new LinkedHashSet<>();
    erased.stream()
        .filter(picture -> picture.isErased() == gone)
        .forEach(picture -> names.add(picture.concept()));
    return List.copyOf(names);
  }

  /** One line of the table. */
  private record Row(Map<String, String> fields, int line, Path file) {
    JudgedPicture picture() {
      return new JudgedPicture(
          oneOf("split", "erased", "kept") ? Split.ERASED : Split.KEPT,
          oneOf("vocabulary", "in", "out"),
          text("concept"),
          text("prompt"),
          whole("seed", Long.MIN_VALUE),
          Math.toIntExact(Math.min(whole("rank", 1), Integer.MAX_VALUE)),
          share("probability"),
          text("top1"),
          share("probability1"));
    }

    String text(String column) {
      String value = fields.get(column);
      if (value == null) {
        throw wrong("has no column " + column);
      }
      return value;
    }

    boolean oneOf(String column, String yes, String no) {
      String value = text(column);
      if (!value.equals(yes) && !value.equals(no)) {
        throw wrong(
            "%s is %s, neither %s nor %s".formatted(column, Printable.quote(value), yes, no));
      }
      return value.equals(yes);
    }

    long whole(String column, long least) {
      try {
        long value = Long.parseLong(text(column));
        if (value < least) {
          throw wrong(column + " is " + value + ", less than " + least);
        }
        return value;
      } catch (NumberFormatException notWhole) {
        throw wrong(column + " is " + Printable.quote(text(column)) + ", no whole number");
      }
    }

    double share(String column) {
      try {
        double value = Double.parseDouble(text(column));
        if (!(value >= 0 && value <= 1)) {
          throw wrong(column + " is " + value + ", not between 0 and 1");
        }
        return value;
      } catch (NumberFormatException noNumber) {
        throw wrong(column + " is " + Printable.quote(text(column)) + ", no number");
      }
    }

    UserError wrong(String reason) {
      return new UserError(
          "%s line %d %s".formatted(Printable.quote(file.toString()), line, reason));
    }
  }
}
