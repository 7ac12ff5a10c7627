// All cells of a grid, one after another, and the tables when they are done.
package io.lethe.compare;

import io.lethe.UserError;
import io.lethe.api.Lethe;
import io.lethe.api.ModelEvaluation;
import io.lethe.diffusion.Pipeline;
import io.lethe.erase.ErasureRun;
import io.lethe.report.ComparisonReport;
import io.lethe.report.PictureSource;
import io.lethe.weights.Printable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Runs what is missing of a comparison. Several processes may work on one: each takes cells that
 * nobody else has, and the last to finish writes the same tables as any other.
 */
public final class Comparison {
  private static final long WAIT_MILLIS = 1000;

  private final Lethe lethe;
  private final Path out;

  /** Hears how the comparison goes. */
  public interface Listener {
    /**
     * A cell begins.
     *
     * @param done cells that are finished
     * @param all of the grid
     */
    void begins(CellJob job, int done, int all);

    /**
     * A cell has come to its end.
     *
     * @param secondsLeft for the cells that nobody has done yet, at the speed so far
     */
    void ends(CellResult result, int done, int all, double secondsLeft);
  }

  /**
   * @param lethe the base model, with its judge
   * @param out the comparison's folder
   */
  public Comparison(Lethe lethe, Path out) {
    this.lethe = lethe;
    this.out = out;
  }

  /**
   * Writes the grid and a job for each cell; joins a grid that is there already.
   *
   * @return the whole grid
   * @throws UserError for an unknown method, option or name, or a folder that holds something else
   */
  public Grid plan(Grid wanted) {
    wanted.joinedTo(out).cells(out).forEach(cell -> validate(cell.job()));
    Documents.folder(out);
    while (true) {
      Optional<Claim> claim = Claim.of(out.resolve("claim"));
      if (claim.isPresent()) {
        try (Claim held = claim.get()) {
          Grid grid = lay(wanted);
          held.finished();
          return grid;
        }
      }
      waitForOthers(); // who add to the same comparison at this moment
    }
  }

  private Grid lay(Grid wanted) {
    Grid grid = wanted.joinedTo(out);
    List<Grid.Cell> cells = grid.cells(out);
    for (Grid.Cell cell : cells) {
      Path file = Documents.folder(cell.folder()).resolve(CellJob.FILE);
      if (!Files.exists(file)) {
        Documents.write(file, cell.job());
      } else if (!CellJob.read(file).equals(cell.job())) {
        throw new UserError(
            Printable.quote(file.toString()) + " is another job; name another folder");
      }
    }
    Documents.write(out.resolve(Grid.FILE), grid);
    return grid;
  }

  private void validate(CellJob job) {
    job.erasure(lethe).validate();
    ModelEvaluation evaluation =
        lethe
            .evaluate(lethe.model().folder().path())
            .erased(job.concept())
            .with(job.evaluation().settings(job.concept()));
    evaluation.plan().pictures(evaluation.judge().labels());
  }

  /**
   * Runs every cell that has no result, and waits for those that others are at.
   *
   * @throws ErasureRun.Cancelled when it was interrupted; the same call goes on
   */
  public void run(
      Grid grid, CellRun.Settings settings, BooleanSupplier cancelled, Listener listener) {
    CellRun run = new CellRun(lethe, cancelled, settings);
    List<Grid.Cell> missing = new ArrayList<>();
    List<CellResult> results = new ArrayList<>();
    for (Grid.Cell cell : grid.cells(out)) {
      run.done(cell.folder()).ifPresentOrElse(results::add, () -> missing.add(cell));
    }
    int all = missing.size() + results.size();
    while (!missing.isEmpty()) {
      boolean idle = true;
      for (Iterator<Grid.Cell> cells = missing.iterator(); cells.hasNext(); ) {
        Grid.Cell cell = cells.next();
        requireGoingOn(cancelled);
        listener.begins(cell.job(), results.size(), all);
        Optional<CellResult> result = run.run(cell.folder(), cell.job());
        if (result.isPresent()) {
          idle = false;
          cells.remove();
          results.add(result.get());
          listener.ends(result.get(), results.size(), all, TimeLeft.seconds(results, missing));
        }
      }
      if (idle) {
        waitForOthers();
      }
    }
  }

  private static void requireGoingOn(BooleanSupplier cancelled) {
    if (cancelled.getAsBoolean()) {
      throw new ErasureRun.Cancelled("interrupted between two cells");
    }
  }

  private void waitForOthers() {
    lethe.progress().progress("waiting for cells of another process", 0, 0);
    try {
      Thread.sleep(WAIT_MILLIS);
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
      throw new ErasureRun.Cancelled("interrupted while waiting for another process");
    }
  }

  /**
   * Writes results.csv, measured.csv and summary.json from what the cells hold.
   *
   * @return the summary
   */
  public ComparisonSummary summarise() {
    Grid grid = Grid.read(out);
    List<Grid.Cell> cells = grid.cells(out);
    ResultTable table = new ResultTable(cells);
    Documents.writeText(out.resolve("results.csv"), table.results());
    Documents.writeText(out.resolve("measured.csv"), table.measured());
    ComparisonSummary summary = ComparisonSummary.of(grid, cells);
    Documents.write(out.resolve("summary.json"), summary);
    return summary;
  }

  /**
   * Writes report.html about the cells that are ok; nothing where there is none.
   *
   * @param pictures whether to draw with the edited models that are still there
   */
  public void report(boolean pictures) {
    Grid grid = Grid.read(out);
    boolean judged =
        grid.cells(out).stream()
            .anyMatch(
                cell -> CellResult.in(cell.folder()).filter(CellResult::succeeded).isPresent());
    if (judged) {
      Optional<PictureSource> source =
          pictures ? Optional.of(pictureSource(grid)) : Optional.empty();
      ComparisonReport.write(out, out.resolve("report.html"), source);
    }
  }

  private PictureSource pictureSource(Grid grid) {
    ModelEvaluation evaluation =
        lethe.evaluate(lethe.model().folder().path()).with(grid.evaluation().settings(""));
    Pipeline base = Pipeline.over(lethe.model(), lethe.backend(), lethe.model().textEncoder());
    return new PictureSource(
        base, lethe.backend(), evaluation.judge(), evaluation.plan().forms(), lethe.progress());
  }
}
