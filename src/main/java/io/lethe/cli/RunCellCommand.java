// lethe run-cell: one cell of a comparison, for whoever hands out the jobs.
package io.lethe.cli;

import io.lethe.UserError;
import io.lethe.api.Lethe;
import io.lethe.compare.CellJob;
import io.lethe.compare.CellResult;
import io.lethe.compare.CellRun;
import io.lethe.erase.ErasureRun;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Does what a cell.json says, and leaves the result beside it. */
@Command(
    name = "run-cell",
    header = "Runs one cell of a comparison from its job file.",
    description = {
      "%n'lethe compare --plan-only' writes the jobs. Each is independent of the others, so that a"
          + " scheduler can run them in any order, on any machine that sees the same files; the"
          + " results are the same bytes as 'lethe compare' writes, which afterwards finds them"
          + " done and sums up. A cell that was interrupted goes on where it was. The exit code is"
          + " 3 when the cell fails.%n"
    },
    footer = {
      "  lethe run-cell grid/cells/esd-lion-0/cell.json",
      "  sbatch --array=0-29 --wrap 'lethe run-cell $(sed -n $${SLURM_ARRAY_TASK_ID}p jobs)'"
    })
final class RunCellCommand implements Callable<Integer> {
  @ParentCommand private Main main;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "A cell.json.")
  private Path file;

  @Option(
      names = "--discard-models",
      description = "Keep of the edited model only metrics.json and before-after.png.")
  private boolean discardModels;

  @Option(names = "--retry-failed", description = "Try again if the cell has failed before.")
  private boolean retryFailed;

  @Override
  public Integer call() {
    return ErrorLine.guarding(this::runCell);
  }

  private int runCell() {
    OptionChecks.file("FILE", file);
    CellJob job = CellJob.read(file);
    Path model = OptionChecks.model("\"model\" of the job", Path.of(job.model()));
    Path judge = OptionChecks.judge("\"judge\" of the job", Path.of(job.judge()));
    try (Lethe lethe = Lethe.open(model, main.threads());
        Progress progress = Progress.to(spec.commandLine().getErr());
        CancelSwitch cancel = CancelSwitch.install()) {
      lethe.judgedBy(judge).progress(progress);
      CellRun run = new CellRun(lethe, cancel, new CellRun.Settings(retryFailed, discardModels));
      Optional<CellResult> result;
      try {
        result = run.run(file.toAbsolutePath().normalize().getParent(), job);
      } catch (ErasureRun.Cancelled cancelled) {
        spec.commandLine().getErr().println(cancelled.getMessage() + "; the same command goes on");
        return ErrorLine.INTERRUPTED;
      }
      return report(
          result.orElseThrow(() ->
              new UserError("another process is at the cell of " + OptionChecks.quote(file))));
    }
  }

  private int report(CellResult result) {
    PrintWriter stdout = spec.commandLine().getOut();
    stdout.println(main.json() ? result.json() : ComparisonLines.line(result, 0));
    stdout.flush();
    return result.succeeded() ? 0 : ErrorLine.INCOMPLETE;
  }
}
