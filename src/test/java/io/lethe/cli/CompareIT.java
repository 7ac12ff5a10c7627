// One comparison, several processes: one dies in the middle, two others share the work.
package io.lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareIT {
  private static final List<String> GRID =
      List.of(
          "compare",
          "--methods=esd:steps=3:trajectories=1:batch=1:advance=1:levels=2",
          "--concepts=lion,owl,taxi",
          "--kept=cat",
          "--images=2",
          "--kept-images=1",
          "--steps=2",
          "--out=grid");

  @TempDir Path folder;

  @Test
  void aDeadProcessHoldsNothingBackAndTwoShareTheRest() throws Exception {
    Path cells = folder.resolve("grid/cells");
    Path first = cells.resolve("esd-steps=3-trajectories=1-batch=1-advance=1-levels=2-lion-0");
    LetheProcess killed = LetheProcess.start(folder, GRID);
    killed.awaitFile(first.resolve("claim"));
    killed.kill();
    assertTrue(Files.exists(first.resolve("claim")), "it had no time to tidy up");

    LetheProcess one = LetheProcess.start(folder, GRID);
    LetheProcess other = LetheProcess.start(folder, GRID);
    assertEquals(0, one.await(), one.err());
    assertEquals(0, other.await(), other.err());
    assertEquals(4, Files.readAllLines(folder.resolve("grid/results.csv")).size());
    assertEquals(List.of(), left(folder.resolve("grid"), "claim"));
  }

  private static List<Path> left(Path tree, String name) throws IOException {
    try (Stream<Path> walk = Files.walk(tree)) {
      return walk.filter(path -> path.getFileName().toString().endsWith(name)).toList();
    }
  }
}
