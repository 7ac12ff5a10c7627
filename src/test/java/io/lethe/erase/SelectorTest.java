// The parameter groups have the sizes that the papers' models have.
package io.lethe.erase;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import io.lethe.tensor.Shape;
import io.lethe.weights.ComponentConfig;
import io.lethe.weightstools.ClipTensorNames;
import io.lethe.weightstools.UnetTensorNames;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Counted on the names and shapes of Stable Diffusion 1.4. */
final class SelectorTest {
  private static final Path SD14 = Path.of("src/test/resources/golden/configs/sd14");

  private static final Map<String, Shape> UNET =
      UnetTensorNames.of(ComponentConfig.read(SD14.resolve("unet/config.json")));
  private static final Map<String, Shape> TEXT =
      ClipTensorNames.ofText(ComponentConfig.read(SD14.resolve("text_encoder/config.json")));

  private static long count(Map<String, Shape> tensors, Predicate<String> selected) {
    return tensors.entrySet().stream()
        .filter(tensor -> selected.test(tensor.getKey()))
        .mapToLong(tensor -> tensor.getValue().elements())
        .sum();
  }

  private static long count(Selector selector) {
    return count(UNET, selector.predicate());
  }

  @Test
  void unetGroups() {
    assertEquals(859_520_964, count(Selector.ALL));
    assertEquals(43_962_560, count(Selector.X));
    assertEquals(19_169_280, count(Selector.X_STRICT));
    long outside =
        count(
            UNET,
            name ->
                name.startsWith("conv_norm_out.")
                    || name.startsWith("conv_out.")
                    || name.startsWith("time_embedding."));
    assertEquals(859_520_964 - 43_962_560 - outside, count(Selector.NOXATTN));
    assertEquals(813.5e6, count(Selector.NOXATTN), 0.05e6);
    long norms =
        count(UNET, name -> name.matches("(.*\\.)?(norm[123]?|conv_norm_out)\\.(weight|bias)"));
    assertEquals(859_520_964 - 43_962_560 - norms, count(Selector.U));
    assertTrue(Selector.U.predicate().test("time_embedding.linear_1.weight"));
    assertTrue(Selector.U.predicate().test("conv_out.bias"));
    assertFalse(Selector.U.predicate().test("mid_block.attentions.0.norm.weight"));
    assertFalse(Selector.SELFATTN.predicate().test("mid_block.resnets.0.conv1.weight"));
  }

  @Test
  void crossAttentionIsSixteenLayers() {
    assertEquals(
        16 * 5, UNET.keySet().stream().filter(Selector.X.predicate()).count(), "4 weights, a bias");
    assertEquals(32, UNET.keySet().stream().filter(Selector.X_STRICT.predicate()).count());
    assertEquals(
        count(UNET, name -> name.contains(".attn1.")), count(Selector.SELFATTN), "attn1 alone");
  }

  @Test
  void textEncoderSets() {
    assertEquals(123_060_480, count(TextSelector.ALL));
    assertEquals(56_669_184, count(TextSelector.MLP_ONLY));
    assertEquals(28_348_416, count(TextSelector.ATTN_ONLY));
    assertEquals(85_017_600, count(TextSelector.MLP_ATTN));
    assertEquals(59_031_552, count(TextSelector.MLP_FINAL_ATTN));
  }

  private static long count(TextSelector selector) {
    return count(TEXT, selector.predicate(12));
  }

  @Test
  void namesAreFoundAndUnknownOnesListed() {
    for (Selector selector : Selector.values()) {
      assertEquals(selector, Selector.named(selector.label().toUpperCase(Locale.ROOT)));
    }
    for (TextSelector selector : TextSelector.values()) {
      assertEquals(selector, TextSelector.named(selector.label()));
    }
    String message = assertThrows(UserError.class, () -> Selector.named("xattn")).getMessage();
    assertTrue(message.contains("'xattn'") && message.contains("x-strict"), message);
    assertThrows(UserError.class, () -> TextSelector.named("norms"));
  }
}
