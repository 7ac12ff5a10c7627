// The sheet that shows it: the base model above, the edited one below.
package io.lethe.api;

import io.lethe.diffusion.Picture;
import io.lethe.evaluate.Painter;
import io.lethe.evaluate.PromptForms;
import io.lethe.report.PictureGrid;
import io.lethe.report.PictureGrid.Group;
import io.lethe.report.PictureGrid.Row;
import java.util.ArrayList;
import java.util.List;

/**
 * Erased concepts, close neighbours and far concepts, each drawn by both models from one seed.
 *
 * @param erased what should be gone
 * @param close what is near to it and should stay
 * @param far what has nothing to do with it
 */
record BeforeAfter(List<String> erased, List<String> close, List<String> far) {

  /**
   * Draws both rows.
   *
   * @param form which of the sentences asks for the names
   * @param seed of the first column; each next column has the next
   */
  Picture draw(String title, Painter base, Painter edited, PromptForms forms, int form, long seed) {
    List<String> names = new ArrayList<>(erased);
    names.addAll(close);
    names.addAll(far);
    List<String> prompts = names.stream().map(name -> forms.prompt(form, name)).toList();
    long[] seeds = new long[names.size()];
    for (int i = 0; i < seeds.length; i++) {
      seeds[i] = seed + i;
    }
    List<Group> groups = new ArrayList<>();
    addGroup(groups, "erased", erased);
    addGroup(groups, "close", close);
    addGroup(groups, "far", far);
    List<Row> rows =
        List.of(
            new Row("base", base.paint(prompts, seeds)),
            new Row("erased", edited.paint(prompts, seeds)));
    return new PictureGrid(title, groups, rows).draw();
  }

  private static void addGroup(List<Group> groups, String heading, List<String> names) {
    if (!names.isEmpty()) {
      groups.add(new Group(heading, names));
    }
  }
}
