// A before/after sheet: one row a model, one column a prompt, with captions.
package io.lethe.report;

import io.lethe.LetheException;
import io.lethe.diffusion.Picture;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/**
 * Lays out equal-sized pictures in rows and columns.
 *
 * <p>Columns stand in groups, such as "erased", "close" and "far", each with a heading; small
 * pictures are enlarged by a whole factor, pixel by pixel, so that nothing is smoothed over.
 *
 * @param title a line above everything, or ""
 * @param groups headings, left to right; their columns together are the columns of each row
 * @param rows top to bottom
 */
public record PictureGrid(String title, List<Group> groups, List<Row> rows) {
  /** A heading over neighbouring columns, and the caption of each. */
  public record Group(String heading, List<String> captions) {}

  /** A row: its label on the left, and one picture a column. */
  public record Row(String label, List<Picture> pictures) {}

  private static final int SMALLEST_CELL = 160;
  private static final int GAP = 6;
  private static final int GROUP_GAP = 22;
  private static final int MARGIN = 16;
  private static final int LINE = 22;
  private static final Color PAPER = Color.WHITE;
  private static final Color INK = new Color(0x20, 0x22, 0x28);
  private static final Color FAINT = new Color(0xb8, 0xbc, 0xc4);

  static {
    System.setProperty("java.awt.headless", "true");
  }

  /**
   * @throws LetheException if the rows and columns do not fit together
   */
  public PictureGrid {
    groups = List.copyOf(groups);
    rows = List.copyOf(rows);
    int columns = groups.stream().mapToInt(group -> group.captions().size()).sum();
    if (columns == 0 || rows.isEmpty()) {
      throw new LetheException("a picture grid needs a row and a column");
    }
    Picture first = rows.getFirst().pictures().getFirst();
    for (Row row : rows) {
      if (row.pictures().size() != columns) {
        throw new LetheException(
            "row '%s' has %d pictures for %d columns"
                .formatted(row.label(), row.pictures().size(), columns));
      }
      for (Picture picture : row.pictures()) {
        if (picture.width() != first.width() || picture.height() != first.height()) {
          throw new LetheException("pictures of one grid must have one size");
        }
      }
    }
  }

  /** The sheet as a picture. */
  public Picture draw() {
    Picture first = rows.getFirst().pictures().getFirst();
    int scale = Math.max(1, Math.ceilDiv(SMALLEST_CELL, first.width()));
    int width = first.width() * scale;
    int height = first.height() * scale;
    Lettering lettering = Lettering.open();
    int labels = 0;
    for (Row row : rows) {
      labels = Math.max(labels, lettering.width(row.label(), Font.BOLD) + 2 * GAP);
    }
    List<Integer> lefts = new ArrayList<>();
    int x = MARGIN + labels;
    for (Group group : groups) {
      for (int i = 0; i < group.captions().size(); i++) {
        lefts.add(x);
        x += width + GAP;
      }
      x += GROUP_GAP - GAP;
    }
    int titleHeight = title.isEmpty() ? 0 : LINE + GAP;
    int top = MARGIN + titleHeight + 2 * LINE;
    int sheetWidth = x - GROUP_GAP + MARGIN;
    int sheetHeight = top + rows.size() * (height + GAP) - GAP + MARGIN;
    BufferedImage sheet = new BufferedImage(sheetWidth, sheetHeight, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = sheet.createGraphics();
    try {
      pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      pen.setColor(PAPER);
      pen.fillRect(0, 0, sheetWidth, sheetHeight);
      pen.setColor(INK);
      lettering.write(pen, title, Font.BOLD, MARGIN, MARGIN + LINE - 6, sheetWidth);
      drawHeadings(pen, lettering, lefts, width, MARGIN + titleHeight);
      for (int r = 0; r < rows.size(); r++) {
        int y = top + r * (height + GAP);
        pen.setColor(INK);
        lettering.write(pen, rows.get(r).label(), Font.BOLD, MARGIN, y + height / 2 + 5, labels);
        for (int c = 0; c < lefts.size(); c++) {
          paste(sheet, rows.get(r).pictures().get(c), lefts.get(c), y, scale);
        }
      }
    } finally {
      pen.dispose();
    }
    return PictureReader.convert(sheet);
  }

  private void drawHeadings(
      Graphics2D pen, Lettering lettering, List<Integer> lefts, int width, int top) {
    int column = 0;
    for (Group group : groups) {
      int columns = group.captions().size();
      if (columns == 0) {
        continue;
      }
      int left = lefts.get(column);
      int right = lefts.get(column + columns - 1) + width;
      pen.setColor(INK);
      lettering.write(pen, group.heading(), Font.BOLD, left, top + LINE - 8, right - left);
      pen.setColor(FAINT);
      pen.setStroke(new BasicStroke(1f));
      pen.drawLine(left, top + LINE - 2, right - 1, top + LINE - 2);
      pen.setColor(INK);
      for (int i = 0; i < columns; i++) {
        int x = lefts.get(column + i);
        lettering.write(pen, group.captions().get(i), Font.PLAIN, x, top + 2 * LINE - 7, width);
      }
      column += columns;
    }
  }

  private static void paste(BufferedImage sheet, Picture picture, int left, int top, int scale) {
    for (int y = 0; y < picture.height() * scale; y++) {
      for (int x = 0; x < picture.width() * scale; x++) {
        int sourceX = x / scale;
        int sourceY = y / scale;
        int rgb =
            picture.channel(sourceX, sourceY, 0) << 16
                | picture.channel(sourceX, sourceY, 1) << 8
                | picture.channel(sourceX, sourceY, 2);
        sheet.setRGB(left + x, top + y, rgb);
      }
    }
  }
}
