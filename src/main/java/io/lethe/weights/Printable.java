// Names from files, made safe to print.
package io.lethe.weights;

/** Quotes strings that came from a file, so that no name can forge a line of the log. */
public final class Printable {
  private static final int LONGEST = 200;

  private Printable() {}

  /**
   * The text in double quotes; control, format and other invisible characters appear as {@code
   * \\uXXXX}, and what lies beyond 200 characters is cut.
   */
  public static String quote(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    int at = 0;
    while (at < text.length() && at < LONGEST) {
      int point = text.codePointAt(at);
      at += Character.charCount(point);
      if (point == '"' || point == '\\') {
        out.append('\\').append((char) point);
      } else if (isVisible(point)) {
        out.appendCodePoint(point);
      } else {
        for (char unit : Character.toChars(point)) {
          out.append(String.format("\\u%04x", (int) unit));
        }
      }
    }
    if (at < text.length()) {
      out.append("...");
    }
    return out.append('"').toString();
  }

  /**
   * The whole text without quotes, for places that do their own quoting, such as a page; control,
   * format and other invisible characters, among them those that turn the direction of writing,
   * appear as {@code \\uXXXX}.
   */
  public static String visible(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(point -> {
          if (isVisible(point)) {
            out.appendCodePoint(point);
          } else {
            for (char unit : Character.toChars(point)) {
              out.append(String.format("\\u%04x", (int) unit));
            }
          }
        });
    return out.toString();
  }

  private static boolean isVisible(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
