// How long the missing cells will take, by those that are done.
package io.lethe.compare;

import java.util.List;

/** A cell takes as long as those of its method did on average, or as all did. */
final class TimeLeft {
  private TimeLeft() {}

  static double seconds(List<CellResult> done, List<Grid.Cell> missing) {
    List<CellResult> timed = done.stream().filter(CellResult::succeeded).toList();
    double overall = mean(timed);
    double left = 0;
    for (Grid.Cell cell : missing) {
      List<CellResult> same =
          timed.stream().filter(result -> result.method().equals(cell.job().method())).toList();
      left += same.isEmpty() ? overall : mean(same);
    }
    return left;
  }

  private static double mean(List<CellResult> results) {
    return results.stream().mapToDouble(CellResult::seconds).average().orElse(0);
  }
}
