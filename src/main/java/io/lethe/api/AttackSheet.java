// The sheet of an attack: what base, edit and each restart draw from the same seeds.
package io.lethe.api;

import io.lethe.attack.InversionResult;
import io.lethe.attack.SuccessRate;
import io.lethe.diffusion.Picture;
import io.lethe.report.PictureGrid;
import io.lethe.report.PictureGrid.Group;
import io.lethe.report.PictureGrid.Row;
import java.util.ArrayList;
import java.util.List;

/** A few pictures of each prompt form, in columns; a row for whoever drew them. */
final class AttackSheet {
  private static final int COLUMNS = 8;

  private AttackSheet() {}

  static Picture draw(InversionResult result) {
    int forms = result.forms().count();
    int each = Math.max(1, COLUMNS / forms);
    List<Integer> shown = new ArrayList<>();
    List<Group> groups = new ArrayList<>();
    for (int form = 0; form < forms && shown.size() < COLUMNS; form++) {
      List<String> captions = new ArrayList<>();
      for (int i = 0; i < result.form().size() && captions.size() < each; i++) {
        if (result.form().get(i) == form) {
          shown.add(i);
          captions.add("seed " + result.seeds().get(i));
        }
      }
      if (!captions.isEmpty()) {
        groups.add(new Group(result.forms().templates().get(form), captions));
      }
    }
    List<Row> rows = new ArrayList<>();
    add(rows, "base", result.base(), shown);
    add(rows, "edited", result.model(), shown);
    for (int r = 0; r < result.restarts().size(); r++) {
      add(rows, "restart " + (r + 1), result.restarts().get(r).shown(), shown);
    }
    String title =
        "%s: asked for by name (base, edited), and by a learned %s (restarts)"
            .formatted(result.concept(), result.settings().embedding().label());
    return new PictureGrid(title, groups, rows).draw();
  }

  private static void add(
      List<Row> rows, String name, InversionResult.Shown drawn, List<Integer> shown) {
    SuccessRate rate = drawn.rate();
    String label = "%s: %d of %d".formatted(name, Math.round(rate.successes()), rate.pictures());
    rows.add(new Row(label, shown.stream().map(drawn.pictures()::get).toList()));
  }
}
