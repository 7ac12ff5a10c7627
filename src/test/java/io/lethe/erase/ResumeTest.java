// The same seed gives the same bytes: whatever the threads, and whether interrupted or not.
package io.lethe.erase;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import io.lethe.diffusion.Picture;
import io.lethe.evaluate.PromptForms;
import io.lethe.weightstools.SyntheticWeights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Four tiny steps of every method on the bundled model. */
final class ResumeTest {
  private static final PromptForms FORMS = new PromptForms(List.of("{}", "an emoji of a {}"));
  private static final ErasureRequest REQUEST = EmojiModel.request(3, "lion", "owl");
  private static final int STEPS = 4;

  @TempDir Path folder;

  /** A method, made anew for each run. */
  enum Case {
    ESD_RESERVOIR {
      @Override
      ErasureMethod method() {
        return new Esd(
            new Esd.Settings(
                EmojiModel.settings(STEPS, 5, Weighting.NONE, true, false), false, FORMS));
      }
    },
    EAP_RESERVOIR {
      @Override
      ErasureMethod method() {
        return eap(EmojiModel.settings(STEPS, 5, Weighting.X0, true, false), 1, 0, false);
      }
    },
    EAP_WHITENED {
      @Override
      ErasureMethod method() {
        return eap(EmojiModel.settings(STEPS, 5, Weighting.NONE, true, false), 1, 0.3, false);
      }
    },
    EAP_LEGACY {
      @Override
      ErasureMethod method() {
        return eap(EmojiModel.settings(STEPS, 4, Weighting.X0, false, true), 2, 0, true);
      }
    },
    FEW_SHOT {
      @Override
      ErasureMethod method() {
        EpochChoice choice =
            new EpochChoice(new EpochChoice.Settings(null, FORMS, 1, 0.1, EmojiModel.WORDS, 0.5));
        List<List<Picture>> pictures =
            List.of(List.of(picture("lion"), picture("lion 2")), List.of(picture("owl")));
        return new FewShot(
            new FewShot.Settings(TextSelector.MLP_FINAL_ATTN, 1, 2, STEPS / 2, 1e-4, FORMS),
            pictures,
            choice);
      }
    };

    abstract ErasureMethod method();

    private static Eap eap(
        TrainingSettings training, int searchEvery, double textWhitening, boolean selfPreserve) {
      return new Eap(
          new Eap.Settings(
              training,
              2,
              1,
              1,
              1,
              2,
              0.1,
              2,
              searchEvery,
              10,
              0,
              3,
              2,
              FORMS,
              FORMS,
              new UsualText.Settings(textWhitening, textWhitening == 0 ? 0 : 7),
              StrengthSearch.Settings.whole(),
              selfPreserve));
    }

    private static Picture picture(String name) {
      float[] signal = SyntheticWeights.signal(name, 64 * 64 * 3);
      byte[] rgb = new byte[signal.length];
      for (int i = 0; i < rgb.length; i++) {
        rgb[i] = (byte) Math.clamp(Math.round(128 + 60 * signal[i]), 0, 255);
      }
      return new Picture(64, 64, rgb);
    }
  }

  private static ErasedModel run(
      int threads, Case each, Path checkpoint, boolean resume, BooleanSupplier cancelled) {
    try (EmojiModel emoji = new EmojiModel(threads)) {
      return each.method().erase(emoji.run(REQUEST, checkpoint, resume, cancelled));
    }
  }

  /** Cancels after this many steps. */
  private static BooleanSupplier after(int steps) {
    AtomicInteger count = new AtomicInteger();
    return () -> count.incrementAndGet() == steps;
  }

  static Stream<Case> cases() {
    return Stream.of(Case.values());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void threadsAndInterruptionsChangeNoByte(Case each) {
    ErasedModel whole = run(2, each, null, false, () -> false);
    assertTrue(whole.losses().values().stream().allMatch(list -> list.size() == STEPS));
    assertSame(whole, run(1, each, null, false, () -> false), "one thread");

    // Interrupted twice, the second time in a resumed run.
    Path checkpoint = folder.resolve("state.safetensors");
    ErasureRun.Cancelled first =
        assertThrows(ErasureRun.Cancelled.class, () -> run(2, each, checkpoint, false, after(1)));
    assertTrue(first.getMessage().contains("step 1"), first.getMessage());
    ErasureRun.Cancelled second =
        assertThrows(ErasureRun.Cancelled.class, () -> run(1, each, checkpoint, true, after(2)));
    assertTrue(second.getMessage().contains("step 3"), second.getMessage());
    assertSame(whole, run(2, each, checkpoint, true, () -> false), "resumed");
  }

  private static void assertSame(ErasedModel expected, ErasedModel actual, String what) {
    assertEquals(expected.weights().keySet(), actual.weights().keySet(), what);
    for (Map.Entry<String, Map<String, float[]>> component : expected.weights().entrySet()) {
      Map<String, float[]> weights = actual.weights().get(component.getKey());
      assertEquals(component.getValue().keySet(), weights.keySet(), what);
      component
          .getValue()
          .forEach((name, values) -> assertArrayEquals(values, weights.get(name), what + name));
    }
    assertEquals(expected.losses(), actual.losses(), what);
    assertEquals(expected.searchHistory(), actual.searchHistory(), what);
    assertEquals(expected.wordWeights(), actual.wordWeights(), what);
    assertEquals(expected.notes(), actual.notes(), what);
    assertEquals(expected.fillPasses(), actual.fillPasses(), what + ": passes of the fill");
    assertEquals(expected.unetPasses(), actual.unetPasses(), what + ": passes");
  }

  @Test
  void anotherSeedGivesOtherWeights() {
    try (EmojiModel emoji = new EmojiModel(2)) {
      ErasedModel one = Case.ESD_RESERVOIR.method().erase(emoji.run(REQUEST));
      ErasedModel other =
          Case.ESD_RESERVOIR.method().erase(emoji.run(EmojiModel.request(4, "lion", "owl")));
      String name = one.weights().get("unet").keySet().iterator().next();
      assertFalse(
          Arrays.equals(
              one.weights().get("unet").get(name), other.weights().get("unet").get(name)));
    }
  }

  @Test
  void aCheckpointOfOtherSettingsIsRefused() {
    Path checkpoint = folder.resolve("state.safetensors");
    assertThrows(
        ErasureRun.Cancelled.class, () -> run(2, Case.ESD_RESERVOIR, checkpoint, false, after(1)));
    assertTrue(Files.exists(checkpoint));
    try (EmojiModel emoji = new EmojiModel(2)) {
      ErasureRun same = emoji.run(REQUEST, checkpoint, true, () -> false);
      ErasureRun other =
          new ErasureRun(
              same.backend(),
              same.base(),
              same.request(),
              same.progress(),
              same.checkpoint(),
              true,
              () -> "other settings",
              same.cancelled());
      assertThrows(UserError.class, () -> Case.ESD_RESERVOIR.method().erase(other));
    }
  }
}
