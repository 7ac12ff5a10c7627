// The sentences that few-shot unlearning pairs with its pictures.
package io.lethe.evaluate;

import java.util.ArrayList;
import java.util.List;

/**
 * Templates of textual inversion (Gal et al. 2023) as few-shot unlearning uses them (Fuchi and
 * Takagi 2024): 27 for objects, 19 for styles, names inserted as they are.
 */
public final class CaptionTemplates {
  private static final List<String> DETERMINED =
      List.of(
          "a",
          "the",
          "my",
          "one",
          "a clean",
          "the clean",
          "a dirty",
          "a nice",
          "the nice",
          "a cool",
          "the cool",
          "a small",
          "the small",
          "the weird",
          "the large");

  private static final List<String> OTHER_OBJECTS =
      List.of(
          "the photo of a",
          "a close-up photo of a",
          "a close-up photo of the",
          "a cropped photo of a",
          "a cropped photo of the",
          "a good photo of a",
          "a good photo of the",
          "a dark photo of the",
          "a bright photo of the",
          "a rendering of a",
          "a rendition of a",
          "a rendition of the");

  private static final List<String> STYLES =
      List.of(
          "a painting",
          "a rendering",
          "a cropped painting",
          "a cropped painting",
          "the painting",
          "a clean painting",
          "a dirty painting",
          "a dark painting",
          "a picture",
          "a cool painting",
          "a close-up painting",
          "a close-up painting",
          "a bright painting",
          "a good painting",
          "a rendition",
          "a nice painting",
          "a small painting",
          "a weird painting",
          "a large painting");

  private CaptionTemplates() {}

  /** For objects: {@code a photo of the clean X}. */
  public static PromptForms objects() {
    List<String> templates = new ArrayList<>();
    DETERMINED.forEach(words -> templates.add("a photo of " + words + " {}"));
    OTHER_OBJECTS.forEach(words -> templates.add(words + " {}"));
    return new PromptForms(templates);
  }

  /** For styles: {@code a dark painting in the style of X}. */
  public static PromptForms styles() {
    return new PromptForms(STYLES.stream().map(words -> words + " in the style of {}").toList());
  }
}
