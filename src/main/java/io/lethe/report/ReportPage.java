// From a page's content to one HTML file.
package io.lethe.report;

import freemarker.core.HTMLOutputFormat;
import freemarker.template.Configuration;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import io.lethe.LetheException;
import io.lethe.weights.AtomicFile;
import io.lethe.weights.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Fills a template of this package's resources.
 *
 * <p>Names in a report come from files that anybody may have written. Three things keep them texts:
 * the templates escape all that they print but the charts; the charts are written by an XML writer
 * that escapes as well; and before both, invisible characters and those that turn the direction of
 * writing are made visible here. The page itself forbids every script and every connection.
 */
final class ReportPage {
  private static final JsonMapper MAPPER = new JsonMapper();

  /** Fields that hold what was made here, not what was read. */
  private static final Set<String> OWN = Set.of("svg", "picture");

  private static final int LONGEST = 2000;

  private ReportPage() {}

  /**
   * @param template its name without an ending
   * @param content records, lists and texts
   */
  static String html(String template, Object content) {
    JsonNode tree = MAPPER.valueToTree(content);
    clean(tree);
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("page", MAPPER.convertValue(tree, Map.class));
    model.put("style", resource("report.css"));
    StringWriter text = new StringWriter();
    try {
      configuration().getTemplate(template + ".ftlh").process(model, text);
    } catch (IOException | TemplateException broken) {
      throw new LetheException("cannot fill the template " + template, broken);
    }
    return text.toString();
  }

  /** Writes the page; a file that stood there is replaced only by a whole one. */
  static void write(Path file, String html) {
    byte[] bytes = html.getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(
        file,
        channel -> {
          ByteBuffer buffer = ByteBuffer.wrap(bytes);
          while (buffer.hasRemaining()) {
            channel.write(buffer);
          }
        });
  }

  private static Configuration configuration() {
    Configuration configuration = new Configuration(Configuration.VERSION_2_3_34);
    configuration.setClassForTemplateLoading(ReportPage.class, "");
    configuration.setDefaultEncoding(StandardCharsets.UTF_8.name());
    configuration.setOutputFormat(HTMLOutputFormat.INSTANCE);
    configuration.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
    configuration.setLogTemplateExceptions(false);
    configuration.setLocale(Locale.ROOT);
    configuration.setNumberFormat("computer");
    return configuration;
  }

  /** Makes every text safe to look at, and no longer than a few lines. */
  static void clean(JsonNode node) {
    if (node instanceof ObjectNode object) {
      for (String name : List.copyOf(object.propertyNames())) {
        JsonNode value = object.get(name);
        if (value.isString() && !OWN.contains(name)) {
          object.put(name, clean(value.asString()));
        } else {
          clean(value);
        }
      }
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        if (array.get(i).isString()) {
          array.set(i, StringNode.valueOf(clean(array.get(i).asString())));
        } else {
          clean(array.get(i));
        }
      }
    }
  }

  private static String clean(String text) {
    String visible = Printable.visible(text);
    return visible.length() <= LONGEST
        ? visible
        : visible.substring(0, visible.offsetByCodePoints(0, LONGEST / 2)) + "\u2026";
  }

  private static String resource(String name) {
    try (InputStream stream = ReportPage.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new LetheException("the program lacks its resource " + name);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new LetheException("cannot read the resource " + name, unreadable);
    }
  }
}
