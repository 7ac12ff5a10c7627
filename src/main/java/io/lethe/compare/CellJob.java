// cell.json: one cell as a job that any machine with the same files can do.
package io.lethe.compare;

import io.lethe.UserError;
import io.lethe.api.Erasure;
import io.lethe.api.Lethe;
import io.lethe.erase.MethodChoice;
import io.lethe.evaluate.PromptForms;
import io.lethe.weights.Printable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Everything that decides a cell's result.
 *
 * @param format {@link #FORMAT}
 * @param model the base model's folder
 * @param baseHash of its configurations and weights
 * @param method how the grid calls it, such as {@code esd:steps=200}
 * @param eraser the method's own name, such as {@code esd}
 * @param options that were set
 * @param concept to erase
 * @param seed of the erasure
 * @param preserve names to protect beside those that the method finds
 * @param vocabulary words that the method may protect: a file, {@code tokenizer}, or null for the
 *     default
 * @param judge the judge's folder
 * @param judgeId its name and hash
 * @param evaluation the protocol
 * @param attack on the edited model, or null for none
 * @param baseScores where the scores of the base are, or will be, relative to the job's folder
 */
public record CellJob(
    String format,
    String model,
    String baseHash,
    String method,
    String eraser,
    Map<String, String> options,
    String concept,
    long seed,
    List<String> preserve,
    String vocabulary,
    String judge,
    String judgeId,
    Protocol evaluation,
    CellAttack attack,
    String baseScores) {
  /** What these files are, and of which edition. */
  public static final String FORMAT = "lethe cell 1";

  /** The job's name in a cell's folder. */
  public static final String FILE = "cell.json";

  /** Reads a job. @throws UserError naming the file and what is wrong with it */
  public static CellJob read(Path file) {
    CellJob job = Documents.read(file, CellJob.class);
    if (!FORMAT.equals(job.format())) {
      throw new UserError(
          "%s is no '%s': its format is %s"
              .formatted(
                  Printable.quote(file.toString()),
                  FORMAT,
                  Printable.quote(String.valueOf(job.format()))));
    }
    return job;
  }

  /** The erasure of this job, not yet begun. */
  Erasure erasure(Lethe lethe) {
    Erasure erasure =
        lethe
            .erase(concept)
            .with(new MethodChoice(eraser, options))
            .preserve(preserve)
            .seed(seed)
            .checked(false);
    if ("tokenizer".equals(vocabulary)) {
      erasure.tokenizerVocabulary();
    } else if (vocabulary != null) {
      erasure.vocabulary(PromptForms.lines(Path.of(vocabulary)));
    }
    return erasure;
  }

  /** What a person calls this cell. */
  String title() {
    return method + ", " + concept + ", seed " + seed;
  }
}
