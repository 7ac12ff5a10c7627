// comparison.json: what is compared, and on which ground.
package io.lethe.compare;

import io.lethe.UserError;
import io.lethe.weights.Printable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Methods times concepts times seeds, and what they share.
 *
 * @param format {@link #FORMAT}
 * @param model the base model's folder, absolute
 * @param baseHash of its configurations and weights
 * @param judge the judge's folder, absolute
 * @param judgeId its name and hash
 * @param methods as {@link MethodVariant#parse} reads them
 * @param vocabulary a file, {@code tokenizer}, or null for the default
 * @param attack on every edited model, or null for none
 */
public record Grid(
    String format,
    String model,
    String baseHash,
    String judge,
    String judgeId,
    List<String> methods,
    List<String> concepts,
    List<Long> seeds,
    List<String> preserve,
    String vocabulary,
    Protocol evaluation,
    CellAttack attack) {
  /** What these files are, and of which edition. */
  public static final String FORMAT = "lethe comparison 1";

  /** The file's name in a comparison's folder. */
  public static final String FILE = "comparison.json";

  private static final int LONGEST_NAME = 120;

  /** Takes each method, concept and seed once. */
  public Grid {
    methods = List.copyOf(new LinkedHashSet<>(methods));
    methods.forEach(MethodVariant::parse);
    concepts = List.copyOf(new LinkedHashSet<>(concepts));
    seeds = List.copyOf(new LinkedHashSet<>(seeds));
    preserve = List.copyOf(preserve);
  }

  /** A cell: its folder under {@code OUT/cells}, and its job. */
  public record Cell(Path folder, CellJob job) {}

  /** Reads the grid of a comparison. @throws UserError naming the file and what is wrong with it */
  public static Grid read(Path out) {
    Path file = out.resolve(FILE);
    Grid grid = Documents.read(file, Grid.class);
    if (!FORMAT.equals(grid.format())) {
      throw new UserError(Printable.quote(file.toString()) + " is no '" + FORMAT + "'");
    }
    return grid;
  }

  /**
   * This grid together with the one that a folder has; methods, concepts and seeds may be added to
   * a comparison, the ground stays.
   *
   * @throws UserError if the folder's grid stands on other ground
   */
  public Grid joinedTo(Path out) {
    if (!Files.exists(out.resolve(FILE))) {
      return this;
    }
    Grid there = read(out);
    Map<String, List<Object>> ground = new LinkedHashMap<>();
    ground.put("model", List.of(there.baseHash, baseHash));
    ground.put("judge", List.of(there.judgeId, judgeId));
    ground.put("names to preserve", List.of(there.preserve, preserve));
    ground.put("vocabulary", List.of(String.valueOf(there.vocabulary), String.valueOf(vocabulary)));
    ground.put("evaluation", List.of(there.evaluation, evaluation));
    ground.put("attack", List.of(String.valueOf(there.attack), String.valueOf(attack)));
    ground.forEach((what, both) -> {
      if (!both.getFirst().equals(both.getLast())) {
        throw new UserError(
            "%s holds a comparison with another %s; name another folder, or give the same options"
                .formatted(Printable.quote(out.toString()), what));
      }
    });
    return new Grid(
        FORMAT,
        there.model,
        baseHash,
        there.judge,
        judgeId,
        joined(there.methods, methods),
        joined(there.concepts, concepts),
        joined(there.seeds, seeds),
        preserve,
        vocabulary,
        evaluation,
        attack);
  }

  private static <T> List<T> joined(List<T> first, List<T> more) {
    List<T> all = new ArrayList<>(first);
    all.addAll(more);
    return all;
  }

  /**
   * Every cell, seed by seed, in each concept by concept, so that methods can be compared early.
   *
   * @throws UserError if two cells would share a folder
   */
  public List<Cell> cells(Path out) {
    List<Cell> cells = new ArrayList<>();
    for (long seed : seeds) {
      for (String concept : concepts) {
        for (String method : methods) {
          String name = fileName(method) + "-" + fileName(concept) + "-" + seed;
          CellJob job = job(MethodVariant.parse(method), concept, seed);
          cells.add(new Cell(out.resolve("cells").resolve(name), job));
        }
      }
    }
    Map<Path, CellJob> folders = new LinkedHashMap<>();
    for (Cell cell : cells) {
      CellJob other = folders.put(cell.folder(), cell.job());
      if (other != null) {
        throw new UserError(
            "%s and %s would share the folder %s; compare them in two folders"
                .formatted(other.title(), cell.job().title(), cell.folder().getFileName()));
      }
    }
    return cells;
  }

  private CellJob job(MethodVariant method, String concept, long seed) {
    return new CellJob(
        CellJob.FORMAT,
        model,
        baseHash,
        method.label(),
        method.method(),
        method.options(),
        concept,
        seed,
        preserve,
        vocabulary,
        judge,
        judgeId,
        evaluation,
        attack,
        "../../base");
  }

  /** Letters, digits and what else no file system minds. */
  static String fileName(String text) {
    String plain =
        text.toLowerCase(Locale.ROOT)
            .replaceAll("[^\\p{L}\\p{N}=._]+", "-")
            .replaceAll("^[-.]+|-+$", "");
    if (plain.isEmpty() || plain.length() > LONGEST_NAME) {
      throw new UserError(Printable.quote(text) + " does not make a file name");
    }
    return plain;
  }
}
