// Grids: pictures stand where they should, unchanged, and captions are really drawn.
package io.lethe.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.LetheException;
import io.lethe.diffusion.Picture;
import io.lethe.report.PictureGrid.Group;
import io.lethe.report.PictureGrid.Row;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PictureGridTest {
  private static Picture plain(int value) {
    byte[] rgb = new byte[64 * 64 * 3];
    Arrays.fill(rgb, (byte) value);
    return new Picture(64, 64, rgb);
  }

  private static PictureGrid grid(String caption) {
    return new PictureGrid(
        "lion",
        List.of(new Group("erased", List.of(caption)), new Group("kept", List.of("tiger", "cat"))),
        List.of(
            new Row("before", List.of(plain(10), plain(20), plain(30))),
            new Row("after", List.of(plain(40), plain(50), plain(60)))));
  }

  private static long count(Picture sheet, int value) {
    long count = 0;
    for (int i = 0; i < sheet.rgb().length; i += 3) {
      int wanted = (byte) value;
      if (sheet.rgb()[i] == wanted
          && sheet.rgb()[i + 1] == wanted
          && sheet.rgb()[i + 2] == wanted) {
        count++;
      }
    }
    return count;
  }

  @Test
  void everyPictureAppearsWholeEnlargedByAWholeFactor() {
    Picture sheet = grid("lion").draw();
    for (int value = 10; value <= 60; value += 10) {
      long pixels = count(sheet, value);
      assertTrue(pixels >= 192 * 192 && pixels < 192 * 192 + 200, value + ": " + pixels);
    }
  }

  @Test
  void captionsAreDrawnAndDifferByTheirText() {
    assertTrue(!Arrays.equals(grid("lion").draw().rgb(), grid("owl").draw().rgb()));
    assertArrayEquals(grid("lion").draw().rgb(), grid("lion").draw().rgb());
  }

  @Test
  void longCaptionsAreCutToTheirColumn() {
    assertEquals(grid("x").draw().width(), grid("a very long caption ".repeat(20)).draw().width());
  }

  @Test
  void captionsNeedNoFonts() {
    BufferedImage sheet = new BufferedImage(200, 20, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = sheet.createGraphics();
    Lettering.pixels().write(pen, "an owl, 100 % \u00e9", Font.BOLD, 0, 16, 200);
    pen.dispose();
    long ink = 0;
    for (int i = 0; i < 200 * 20; i++) {
      ink += sheet.getRGB(i % 200, i / 200) & 1;
    }
    assertTrue(ink > 300 && ink < 1500, "dots: " + ink);
    assertEquals(36, Lettering.pixels().width("owl", Font.PLAIN));
  }

  @Test
  void rowsMustFitTheColumns() {
    List<Group> groups = List.of(new Group("", List.of("a", "b")));
    assertThrows(
        LetheException.class,
        () -> new PictureGrid("", groups, List.of(new Row("r", List.of(plain(1))))));
    assertThrows(LetheException.class, () -> new PictureGrid("", List.of(), List.of()));
  }
}
