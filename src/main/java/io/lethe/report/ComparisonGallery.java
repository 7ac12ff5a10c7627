// The same prompts and seeds drawn by the base and by every method, concept by concept.
package io.lethe.report;

import io.lethe.evaluate.Neighbours;
import io.lethe.evaluate.PipelinePainter;
import io.lethe.evaluate.PipelinePainter.Drawing;
import io.lethe.report.ComparisonFolder.Cell;
import io.lethe.report.Gallery.Look;
import io.lethe.report.Studio.Drawn;
import io.lethe.report.Studio.Wish;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** One sheet a concept. */
record ComparisonGallery(List<Sheet> sheets) {
  /** Columns are prompts, rows the base and the methods. */
  record Sheet(String concept, List<Column> columns, List<Row> rows) {}

  /** What was asked for. */
  record Column(String kind, String prompt, long seed) {}

  /** Who drew. */
  record Row(String method, List<Look> looks) {}

  private static final int CONCEPTS = 12;

  private record Asked(String kind, String name, boolean gone, Wish wish) {}

  /** Draws with each concept's models of the lowest seed, as far as they still exist. */
  static ComparisonGallery draw(ComparisonFolder comparison, PictureSource source) {
    List<Sheet> sheets = new ArrayList<>();
    for (String concept : comparison.concepts().stream().limit(CONCEPTS).toList()) {
      List<Cell> cells =
          comparison.methods().stream()
              .flatMap(method -> shown(comparison, method, concept).stream())
              .toList();
      if (!cells.isEmpty()) {
        sheets.add(sheet(concept, cells, source));
      }
    }
    return new ComparisonGallery(sheets);
  }

  private static Optional<Cell> shown(ComparisonFolder comparison, String method, String concept) {
    return comparison.judged(method).stream()
        .filter(cell -> cell.concept().equals(concept) && cell.hasModel())
        .min(Comparator.comparingLong(Cell::seed));
  }

  private static Sheet sheet(String concept, List<Cell> cells, PictureSource source) {
    EvaluationFolder evaluation = cells.getFirst().evaluation().orElseThrow();
    Drawing drawing = source.drawing(evaluation.summary());
    PipelinePainter base = source.basePainter(drawing);
    List<Asked> asked = asked(evaluation, source);
    List<Wish> wishes = asked.stream().map(Asked::wish).toList();
    List<Row> rows = new ArrayList<>();
    for (Cell cell : cells) {
      source.with(
          base,
          drawing,
          cell.model(),
          studio -> {
            if (rows.isEmpty()) {
              List<Drawn> before = studio.draw(base, wishes, "drawing with the base model");
              rows.add(new Row("base", looks("base", before, asked, false)));
            }
            String stage = "drawing " + cell.name();
            List<Drawn> after = studio.draw(studio.erased(), wishes, stage);
            rows.add(new Row(Words.name(cell.method()), looks(cell.method(), after, asked, true)));
            return rows;
          });
    }
    List<Column> columns =
        asked.stream()
            .map(
                one -> new Column(one.kind(), Words.quoted(one.wish().prompt()), one.wish().seed()))
            .toList();
    return new Sheet(Words.quoted(concept), columns, rows);
  }

  private static List<Asked> asked(EvaluationFolder evaluation, PictureSource source) {
    long seed = evaluation.summary().path("seed").asLong(0);
    List<String> erased = evaluation.erasedNames();
    String first = erased.getFirst();
    List<Asked> asked = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      String name = erased.get(i % erased.size());
      int form = i % source.forms().count();
      asked.add(ask("erased", name, true, source.forms().prompt(form, name), seed + i));
    }
    if (source.judge().labels().contains(first)) {
      Neighbours neighbours = Neighbours.of(source.judge(), first, evaluation.keptNames());
      for (String name : neighbours.close(3)) {
        asked.add(ask("near", name, false, source.forms().prompt(0, name), seed));
      }
      for (String name : neighbours.far(2)) {
        asked.add(ask("far", name, false, source.forms().prompt(0, name), seed));
      }
    }
    return asked;
  }

  private static Asked ask(String kind, String name, boolean gone, String prompt, long seed) {
    return new Asked(kind, name, gone, new Wish(prompt, seed));
  }

  private static List<Look> looks(
      String who, List<Drawn> drawn, List<Asked> asked, boolean edited) {
    List<Look> looks = new ArrayList<>();
    for (int i = 0; i < drawn.size(); i++) {
      Drawn one = drawn.get(i);
      String mark =
          !edited
              ? "plain"
              : one.seen().equals(asked.get(i).name()) == asked.get(i).gone() ? "bad" : "good";
      String alt =
          "%s, %s, seed %d; the judge sees %s"
              .formatted(
                  Words.name(who),
                  Words.quoted(asked.get(i).wish().prompt()),
                  asked.get(i).wish().seed(),
                  Words.name(one.seen()));
      looks.add(
          new Look(InlinePicture.thumbnail(one.picture(), alt), Words.name(one.seen()), "", mark));
    }
    return looks;
  }

  /** The sheets that erasures left, for cells whose models are gone. */
  record LeftSheet(String cell, InlinePicture image) {}

  static List<LeftSheet> left(ComparisonFolder comparison) {
    List<LeftSheet> sheets = new ArrayList<>();
    for (Cell cell : comparison.cells()) {
      Path file = cell.model().resolve("before-after.png");
      if (!cell.hasModel() && Files.isRegularFile(file) && sheets.size() < CONCEPTS) {
        sheets.add(
            new LeftSheet(
                Words.name(cell.name()),
                InlinePicture.whole(
                    PictureReader.read(file), "before and after, " + Words.name(cell.name()))));
      }
    }
    return sheets;
  }
}
