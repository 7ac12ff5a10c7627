// A font of a few hundred bytes, for machines that have none.
package io.lethe.report;

import java.awt.Graphics2D;
import java.util.Locale;

/**
 * Capitals, digits and some marks on a grid of 5 x 7 dots, drawn two pixels a dot; letters without
 * a glyph appear as a question mark.
 */
final class PixelFont {
  private static final int COLUMNS = 5;
  private static final int ROWS = 7;
  private static final int DOT = 2;
  private static final int ADVANCE = (COLUMNS + 1) * DOT;
  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,:-+/%()'=?";

  /** Seven digits of base 32 a glyph: its rows from the top, the leftmost dot the highest bit. */
  private static final String GLYPHS =
      "ehhvhhhuhhuhhuehgggheuhhhhhuvgguggvvggugggehgnhhehhhvhhhe44444e72222ic"
          + "hikokihggggggvhrllhhhhplljhhehhhhheuhhugggehhhliduhhukihfgge11uv444444"
          + "hhhhhhehhhhha4hhhllrhhha4ahhhha4444v1248gvehjlphe4c4444eeh1248veh161he"
          + "26aiv22vgu11he68guhhev124488ehhehheehhf12c000006600006480660660000v000"
          + "044v44011248ggpp248jj24888428422248448000000v0v00eh12404";

  private PixelFont() {}

  /** The width of a text in pixels. */
  static int width(String text) {
    return text.length() * ADVANCE;
  }

  /** Draws with the base line at y, in the pen's colour. */
  static void write(Graphics2D pen, String text, int x, int y) {
    String capitals = text.toLowerCase(Locale.ROOT);
    for (int i = 0; i < capitals.length(); i++) {
      if (capitals.charAt(i) != ' ') {
        int glyph = LETTERS.indexOf(capitals.charAt(i));
        draw(pen, glyph < 0 ? LETTERS.indexOf('?') : glyph, x + i * ADVANCE, y - ROWS * DOT);
      }
    }
  }

  private static void draw(Graphics2D pen, int glyph, int x, int y) {
    for (int row = 0; row < ROWS; row++) {
      int dots = Character.digit(GLYPHS.charAt(glyph * ROWS + row), 32);
      for (int column = 0; column < COLUMNS; column++) {
        if ((dots >> COLUMNS - 1 - column & 1) != 0) {
          pen.fillRect(x + column * DOT, y + row * DOT, DOT, DOT);
        }
      }
    }
  }
}
