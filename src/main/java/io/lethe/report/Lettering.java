// Captions on pictures, on machines with fonts and on those without.
package io.lethe.report;

import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.FontRenderContext;

/**
 * Draws one line of text, shortened to the room there is.
 *
 * <p>A bare server may have no fonts at all, and then the JDK throws at the first letter; captions
 * fall back to the built-in {@link PixelFont} there.
 */
final class Lettering {
  private static final float SIZE = 14;
  private static final FontRenderContext CONTEXT = new FontRenderContext(null, true, true);

  private final Font plain;
  private final Font bold;

  private Lettering(Font plain, Font bold) {
    this.plain = plain;
    this.bold = bold;
  }

  /** Tries the JDK's sans-serif font, and takes the pixel font where there is none. */
  static Lettering open() {
    try {
      Font plain = new Font(Font.SANS_SERIF, Font.PLAIN, 1).deriveFont(SIZE);
      Font bold = plain.deriveFont(Font.BOLD);
      if (plain.getStringBounds("lethe", CONTEXT).getWidth() > 0) {
        return new Lettering(plain, bold);
      }
    } catch (RuntimeException | LinkageError | InternalError noFonts) {
      // No font configuration, or none of its native libraries: the pixel font needs neither.
    }
    return new Lettering(null, null);
  }

  /** The pixel font alone. */
  static Lettering pixels() {
    return new Lettering(null, null);
  }

  /** The width of a text in pixels. */
  int width(String text, int style) {
    if (plain == null) {
      return PixelFont.width(text);
    }
    return (int) Math.ceil(font(style).getStringBounds(text, CONTEXT).getWidth());
  }

  /** Writes with the base line at y, cut with an ellipsis where wider than the room. */
  void write(Graphics2D pen, String text, int style, int x, int y, int room) {
    String line = text;
    while (line.length() > 1 && width(line, style) > room) {
      String shorter = line.endsWith("...") ? line.substring(0, line.length() - 3) : line;
      line = shorter.substring(0, Math.max(1, shorter.length() - 1)) + "...";
      if (shorter.length() <= 1) {
        break;
      }
    }
    if (line.isEmpty()) {
      return;
    }
    if (plain == null) {
      PixelFont.write(pen, line, x, y);
      return;
    }
    pen.setFont(font(style));
    pen.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    pen.drawString(line, x, y);
  }

  private Font font(int style) {
    return style == Font.BOLD ? bold : plain;
  }
}
