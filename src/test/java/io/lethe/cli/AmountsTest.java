// Numbers, sizes and progress as people read them.
package io.lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lethe.report.Amounts;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

class AmountsTest {
  @Test
  void durations() {
    assertEquals("0.0 s", Amounts.duration(0.01));
    assertEquals("9.5 s", Amounts.duration(9.5));
    assertEquals("42 s", Amounts.duration(42.4));
    assertEquals("3 min 20 s", Amounts.duration(200));
    assertEquals("2 h 5 min", Amounts.duration(7500));
  }

  @Test
  void bytes() {
    assertEquals("999 B", Amounts.bytes(999));
    assertEquals("1.0 kB", Amounts.bytes(1000));
    assertEquals("1.0 MB", Amounts.bytes(999_999));
    assertEquals("17 MB", Amounts.bytes(17_000_000));
    assertEquals("4.3 GB", Amounts.bytes(4_300_000_000L));
  }

  @Test
  void counts() {
    assertEquals("8,489,284", Amounts.count(8_489_284));
  }

  @Test
  void sizes() {
    PictureSize.Converter converter = new PictureSize.Converter();
    assertEquals(new PictureSize(640, 512), converter.convert("640x512"));
    assertEquals(new PictureSize(64, 64), converter.convert(" 64 "));
    for (String wrong : new String[] {"", "x", "0x64", "64x", "64x64x3", "9999x64", "-8x8"}) {
      assertThrows(TypeConversionException.class, () -> converter.convert(wrong), wrong);
    }
  }

  @Test
  void progressLines() {
    assertEquals("drawing: 0 of 9", Progress.line("drawing", 0, 9, 1_000_000_000L));
    assertEquals(
        "drawing: 3 of 9, about 6.0 s left", Progress.line("drawing", 3, 9, 3_000_000_000L));
    assertEquals("filling: 7", Progress.line("filling", 7, 0, 0));
  }

  @Test
  void shortWorkIsNotReported() {
    StringWriter text = new StringWriter();
    try (Progress progress = Progress.lines(new PrintWriter(text))) {
      for (int i = 0; i <= 100; i++) {
        progress.progress("work", i, 100);
      }
    }
    assertEquals("", text.toString());
  }

  @Test
  void fileNamesOfPrompts() {
    assertEquals("an-emoji-of-an-owl", GenerateCommand.slug("An emoji of an owl!"));
    assertEquals("picture", GenerateCommand.slug("\u72ee\u5b50 ../.."));
    assertEquals(48, GenerateCommand.slug("x".repeat(100)).length());
  }
}
