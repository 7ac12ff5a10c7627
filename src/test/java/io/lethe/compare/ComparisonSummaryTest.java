// Means, paired differences and tables, from results that were written by hand.
package io.lethe.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.api.EvaluationSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonSummaryTest {
  @TempDir Path out;

  private Grid grid;
  private List<Grid.Cell> cells;

  @BeforeEach
  void aGridOfTwoMethodsTwoConceptsAndTwoSeeds() {
    grid =
        new Grid(
            Grid.FORMAT,
            "/models/base",
            "ba5e",
            "/models/judge",
            "judge",
            List.of("eap", "esd:steps=7"),
            List.of("lion", "fire engine"),
            List.of(0L, 1L),
            List.of(),
            null,
            Protocol.of(EvaluationSettings.full()),
            null);
    cells = grid.cells(out);
  }

  @Test
  void theGridNamesEachCellsFolder() {
    assertEquals(8, cells.size());
    assertEquals(
        List.of("eap-lion-0", "esd-steps=7-lion-0", "eap-fire-engine-0"),
        cells.stream().limit(3).map(cell -> cell.folder().getFileName().toString()).toList());
  }

  /** EAP keeps 0.95, 0.96, 0.97, 0.98; ESD fails once and keeps 0.93, 0.93, 0.95. */
  private void write() {
    ok(0, 0.95);
    ok(1, 0.93);
    ok(2, 0.96);
    ok(3, 0.93);
    ok(4, 0.97);
    ok(5, 0.95);
    ok(6, 0.98);
    CellJob job = cells.get(7).job();
    result(7, CellResult.failed(job, "no epoch, \"none\""));
  }

  private void ok(int cell, double psr) {
    CellJob job = cells.get(cell).job();
    Map<String, CellResult.Rate> metrics =
        Map.of("psr1", new CellResult.Rate(psr, List.of(psr - 0.02, psr + 0.01), 1));
    result(
        cell,
        new CellResult(
            "ok",
            job.method(),
            job.concept(),
            job.seed(),
            null,
            job.baseHash(),
            "ed17",
            100L + cell,
            10,
            List.of("stopped early, at 3"),
            List.of("grapes 50 of 100, seen as blueberries"),
            metrics,
            new CellResult.Attack(0.25 + 0.125 * cell, List.of(0.0, 1.0), 0.25, 1),
            Map.of("train_and_save_seconds", 10.0 + cell, "peak_resident_bytes", 5e8)));
  }

  private void result(int cell, CellResult result) {
    Path folder = Documents.folder(cells.get(cell).folder());
    Documents.write(folder.resolve(CellResult.FILE), result);
  }

  @Test
  void meansAreOverTheCellsThatAreOk() {
    write();
    ComparisonSummary summary = ComparisonSummary.of(grid, cells);
    assertEquals(8, summary.cells());
    assertEquals(7, summary.ok());
    ComparisonSummary.Row eap = summary.methods().getFirst();
    ComparisonSummary.Row esd = summary.methods().getLast();
    assertEquals(4, eap.n());
    assertEquals(3, esd.n());
    assertEquals(0.965, eap.metrics().get("psr1").mean(), 1e-12);
    assertEquals((0.93 + 0.93 + 0.95) / 3, esd.metrics().get("psr1").mean(), 1e-12);
    assertEquals(1, eap.metrics().get("psr1").base());
    assertEquals((100 + 102 + 104 + 106) / 4.0, eap.unetPasses());
    List<Double> interval = eap.metrics().get("psr1").ci95();
    assertTrue(interval.get(0) > 0.95 && interval.get(0) < 0.965, interval.toString());
    assertTrue(interval.get(1) > 0.965 && interval.get(1) < 0.98, interval.toString());
    assertEquals(0.25 + 0.125 * 3, eap.attack().mean(), 1e-12);
    assertEquals(13, summary.measured().get("eap").get("train_and_save_seconds"));
    assertEquals("no epoch, \"none\"", summary.failed().getFirst().error());
  }

  /** 0.02, 0.03, 0.02: the pair of the failed cell is left out. */
  @Test
  void differencesAreBetweenTheSameConceptAndSeed() {
    write();
    ComparisonSummary.Difference difference =
        ComparisonSummary.of(grid, cells).differences().getFirst();
    assertEquals("eap", difference.first());
    assertEquals("esd:steps=7", difference.second());
    assertEquals(3, difference.n());
    ComparisonSummary.Mean psr = difference.metrics().get("psr1");
    assertEquals(0.07 / 3, psr.mean(), 1e-12);
    assertEquals(0.02, psr.ci95().get(0), 1e-12);
    assertEquals(0.03, psr.ci95().get(1), 1e-12);
  }

  @Test
  void missingCellsAreNamed() {
    ok(0, 0.9);
    ComparisonSummary summary = ComparisonSummary.of(grid, cells);
    assertEquals(1, summary.ok());
    assertEquals(7, summary.missing().size());
    assertEquals("esd:steps=7, lion, seed 0", summary.missing().getFirst());
    assertEquals(List.of(), summary.differences());
  }

  @Test
  void theTableHasARowACellAndTimesApart() {
    write();
    List<String> rows = new ResultTable(cells).results().lines().toList();
    assertEquals(
        "method,concept,seed,options,status,psr1,psr1 low,psr1 high,psr1 base,attack best,attack"
            + " low,attack high,attack mean,unet_passes,fill_passes,lost,notes,error",
        rows.getFirst());
    assertEquals(
        "esd:steps=7,lion,0,steps=7,ok,0.930000,0.910000,0.940000,1.000000,0.375000,0.000000,1.000000,0.250000,101,10,\"grapes"
            + " 50 of 100, seen as blueberries\",\"stopped early, at 3\",",
        rows.get(2));
    assertEquals(
        "esd:steps=7,fire engine,1,steps=7,failed,,,,,,,,,,,,,\"no epoch, \"\"none\"\"\"",
        rows.get(8));
    List<String> times = new ResultTable(cells).measured().lines().toList();
    assertTrue(times.get(1).startsWith("eap,lion,0,"), times.get(1));
    assertTrue(times.get(1).contains("10.0"), times.get(1));
  }

  @Test
  void timeLeftGoesByTheMethodsOwnCells() {
    ok(0, 1);
    ok(2, 1);
    List<CellResult> done =
        List.of(
            CellResult.in(cells.get(0).folder()).orElseThrow(),
            CellResult.in(cells.get(2).folder()).orElseThrow());
    assertEquals(11, TimeLeft.seconds(done, List.of(cells.get(4))), 1e-12);
    assertEquals(11 + 11, TimeLeft.seconds(done, List.of(cells.get(4), cells.get(1))), 1e-12);
    assertEquals(0, TimeLeft.seconds(List.of(), List.of(cells.get(1))));
  }
}
