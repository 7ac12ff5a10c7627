// One SVG picture, written element by element; texts and attributes are always escaped.
package io.lethe.report.chart;

import io.lethe.LetheException;
import io.lethe.weights.Printable;
import java.io.StringWriter;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * An inline SVG of a given size. What is invisible in a text, and what XML cannot carry, is made
 * visible. Colours come from the page's style sheet through class names, and the whole carries a
 * description for those who do not see it.
 */
final class Svg {
  private final StringWriter text = new StringWriter();
  private final XMLStreamWriter xml;

  /**
   * @param description what the chart shows, in words
   */
  Svg(double width, double height, String styleClass, String description) {
    try {
      xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
    } catch (XMLStreamException impossible) {
      throw new LetheException("cannot begin an SVG picture", impossible);
    }
    open(
        "svg",
        "viewBox",
        "0 0 " + number(width) + " " + number(height),
        "class",
        styleClass,
        "role",
        "img",
        "aria-label",
        description);
  }

  /** Begins an element; the attributes are pairs of name and value. */
  Svg open(String element, String... attributes) {
    try {
      xml.writeStartElement(element);
      for (int i = 0; i < attributes.length; i += 2) {
        xml.writeAttribute(attributes[i], Printable.visible(attributes[i + 1]));
      }
    } catch (XMLStreamException impossible) {
      throw new LetheException("cannot write the SVG element " + element, impossible);
    }
    return this;
  }

  Svg close() {
    try {
      xml.writeEndElement();
    } catch (XMLStreamException impossible) {
      throw new LetheException("an SVG element was closed that was not open", impossible);
    }
    return this;
  }

  Svg characters(String content) {
    try {
      xml.writeCharacters(Printable.visible(content));
    } catch (XMLStreamException impossible) {
      throw new LetheException("cannot write text into SVG", impossible);
    }
    return this;
  }

  Svg line(String styleClass, double x1, double y1, double x2, double y2) {
    return open(
            "line",
            "class",
            styleClass,
            "x1",
            number(x1),
            "y1",
            number(y1),
            "x2",
            number(x2),
            "y2",
            number(y2))
        .close();
  }

  Svg rectangle(String styleClass, double x, double y, double width, double height) {
    return openRectangle(styleClass, x, y, width, height).close();
  }

  /** A rectangle that may still get a title. */
  Svg openRectangle(String styleClass, double x, double y, double width, double height) {
    return open(
        "rect",
        "class",
        styleClass,
        "x",
        number(x),
        "y",
        number(y),
        "width",
        number(width),
        "height",
        number(height),
        "rx",
        "1.5");
  }

  /**
   * A line of text.
   *
   * @param anchor start, middle or end: which part of the text stands at x
   */
  Svg text(String styleClass, double x, double y, String anchor, String content) {
    return open("text", "class", styleClass, "x", number(x), "y", number(y), "text-anchor", anchor)
        .characters(content)
        .close();
  }

  /** A line through points, given as x, y, x, y ... */
  Svg path(String styleClass, double... coordinates) {
    StringBuilder points = new StringBuilder();
    for (int i = 0; i < coordinates.length; i += 2) {
      points.append(number(coordinates[i])).append(',').append(number(coordinates[i + 1]));
      points.append(' ');
    }
    return open("polyline", "class", styleClass, "points", points.toString().strip()).close();
  }

  /** What a pointer that rests on the open element is told, and a screen reader. */
  Svg title(String content) {
    return open("title").characters(content).close();
  }

  /** Ends the picture and gives its text. */
  String finish() {
    close();
    return text.toString();
  }

  /** With two decimals at most, whatever the machine's language. */
  static String number(double value) {
    String text = String.format(Locale.ROOT, "%.2f", value);
    text = text.replaceFirst("\\.?0+$", "");
    return text.isEmpty() || text.equals("-0") ? "0" : text;
  }
}
