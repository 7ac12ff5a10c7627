// The captions of few-shot unlearning are the published ones.
package io.lethe.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CaptionTemplatesTest {
  @Test
  void twentySevenForObjects() {
    List<String> objects = CaptionTemplates.objects().templates();
    assertEquals(27, objects.size());
    assertEquals(27, new HashSet<>(objects).size());
    assertTrue(objects.contains("a photo of one {}"));
    assertTrue(objects.contains("a photo of the weird {}"));
    assertTrue(objects.contains("a dark photo of the {}"));
    assertTrue(objects.contains("a rendition of the {}"));
    assertEquals("a photo of the clean cactus", CaptionTemplates.objects().prompt(5, "cactus"));
  }

  /** Two of them are listed twice, and so are drawn twice as often. */
  @Test
  void nineteenForStyles() {
    List<String> styles = CaptionTemplates.styles().templates();
    assertEquals(19, styles.size());
    assertEquals(17, new HashSet<>(styles).size());
    for (String template : styles) {
      assertTrue(template.endsWith(" in the style of {}"), template);
    }
    assertEquals("a painting in the style of Monet", CaptionTemplates.styles().prompt(0, "Monet"));
  }
}
