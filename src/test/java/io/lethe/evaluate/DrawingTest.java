// Settings of a drawing, as words and back.
package io.lethe.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lethe.evaluate.PipelinePainter.Drawing;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DrawingTest {
  @Test
  void wordsOfASummaryAreReadBack() {
    Drawing drawing = new Drawing(25, 4, "DDIMScheduler", 64, 96);
    assertEquals("DDIMScheduler, 25 steps, guidance 4.0, 96 x 64", drawing.toString());
    assertEquals(Optional.of(drawing), Drawing.parse(drawing.toString()));
    Drawing named = new Drawing(1, 7.5, "dpm++, karras", 512, 512);
    assertEquals(Optional.of(named), Drawing.parse(named.toString()));
  }

  @Test
  void otherWordsAreNone() {
    for (String text :
        List.of(
            "",
            "squares",
            "ddim, many steps, guidance 4.0, 64 x 64",
            "ddim, 99999999999999 steps, guidance 4.0, 64 x 64",
            "ddim, 25 steps, guidance 4.0, 64 x 64 and more")) {
      assertEquals(Optional.empty(), Drawing.parse(text), text);
    }
  }
}
