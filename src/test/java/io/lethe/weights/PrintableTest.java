// Names from files, on a line and on a page.
package io.lethe.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PrintableTest {
  /** A line's end, a colour of the terminal, a turn of the writing, half a pair, a private sign. */
  private static final String SLY = "a\nb\u001b[31m\u202ec\ud800\ue000";

  @Test
  void whatIsInvisibleIsWrittenOut() {
    String shown = "a\\u000ab\\u001b[31m\\u202ec\\ud800\\ue000";
    assertEquals(shown, Printable.visible(SLY));
    assertEquals('"' + shown + '"', Printable.quote(SLY));
  }

  @Test
  void quotesAreEscapedOnlyBetweenQuotes() {
    assertEquals("\"say \\\"ah\\\" \\\\\"", Printable.quote("say \"ah\" \\"));
    assertEquals("say \"ah\" \\", Printable.visible("say \"ah\" \\"));
    assertEquals("\u00e9 \u732b \ud83e\udd81", Printable.visible("\u00e9 \u732b \ud83e\udd81"));
  }

  @Test
  void quotedNamesAreCut() {
    assertEquals("\"" + "x".repeat(200) + "...\"", Printable.quote("x".repeat(201)));
    assertEquals(201, Printable.visible("x".repeat(201)).length());
  }
}
