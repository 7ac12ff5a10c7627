// The strength of a trained change: the least that a judge no longer recognises.
package io.lethe.erase;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import io.lethe.diffusion.Picture;
import io.lethe.evaluate.Judge;
import io.lethe.evaluate.PromptForms;
import io.lethe.evaluate.Ranking;
import io.lethe.nn.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two steps of EAP, under a judge that says what the test tells it. */
final class StrengthSearchTest {
  private static final PromptForms FORMS = new PromptForms(List.of("{}"));
  private static EmojiModel emoji;

  @BeforeAll
  static void open() {
    emoji = new EmojiModel(2);
  }

  @AfterAll
  static void close() {
    emoji.close();
  }

  /** Puts the concept at a place until it has looked this often, and last thereafter. */
  private static final class Oracle implements Judge {
    private static final List<String> LABELS = List.of("a", "b", "c", "d", "e", "f", "lion");
    private final int sees;
    private final int place;
    private int looks;

    Oracle(int sees, int place) {
      this.sees = sees;
      this.place = place;
    }

    @Override
    public List<String> labels() {
      return LABELS;
    }

    @Override
    public List<Ranking> rank(List<Picture> pictures) {
      float own = looks++ < sees ? 0.5f - place : -100;
      List<Ranking> rankings = new ArrayList<>();
      for (int i = 0; i < pictures.size(); i++) {
        rankings.add(new Ranking(new float[] {-1, -2, -3, -4, -5, -6, own + 0.1f}, 1));
      }
      return rankings;
    }

    @Override
    public String id() {
      return "oracle";
    }
  }

  private static ErasedModel erase(StrengthSearch.Settings strength, String concept) {
    TrainingSettings training = EmojiModel.settings(2, 5, Weighting.NONE, true, false);
    Eap.Settings settings =
        new Eap.Settings(
            training,
            2,
            0,
            1,
            1,
            2,
            0.1,
            2,
            0,
            10,
            0,
            3,
            2,
            FORMS,
            FORMS,
            UsualText.Settings.none(),
            strength,
            false);
    return new Eap(settings).erase(emoji.run(EmojiModel.request(0, concept)));
  }

  private static StrengthSearch.Settings judged(Judge judge) {
    return new StrengthSearch.Settings(judge, FORMS, 2, Optional.empty());
  }

  private static StrengthSearch.Settings fixed(double strength) {
    return new StrengthSearch.Settings(null, FORMS, 2, Optional.of(strength));
  }

  /** {@code W = W0 + s (W' - W0)}, with W' what strength 1 leaves. */
  private static void assertScaled(ErasedModel model, double strength) {
    Map<String, float[]> whole = erase(fixed(1), "lion").weights().get("unet");
    Map<String, float[]> scaled = model.weights().get("unet");
    boolean moved = false;
    for (Parameter parameter :
        emoji.model.unet().parameters().fork(whole::containsKey).trainable()) {
      float[] start = parameter.data().floats();
      float[] full = whole.get(parameter.name());
      float[] now = scaled.get(parameter.name());
      for (int i = 0; i < start.length; i++) {
        double expected = start[i] + strength * ((double) full[i] - start[i]);
        assertTrue(Math.abs(expected - now[i]) <= 1e-6, parameter.name());
        moved |= full[i] != start[i];
      }
    }
    assertTrue(moved, "training moved nothing");
  }

  @Test
  void theLeastStrengthAtWhichNothingIsSeenIsTaken() {
    Oracle oracle = new Oracle(3, 1);
    ErasedModel model = erase(judged(oracle), "lion");
    assertEquals(4, oracle.looks, "three strengths fail, the fourth holds");
    assertTrue(model.notes().getFirst().contains("strength 1.35"), model.notes().getFirst());
    assertScaled(model, 1.35);
  }

  /** A concept in second place is not seen. */
  @Test
  void goneIsWhatIsNotTheFirstLabel() {
    Oracle first = new Oracle(1, 1);
    assertTrue(erase(judged(first), "lion").notes().getFirst().contains("strength 1.10"));
    Oracle second = new Oracle(1, 2);
    assertTrue(erase(judged(second), "lion").notes().getFirst().contains("strength 1.00"));
  }

  @Test
  void aConceptThatStaysAtEveryStrengthIsSaid() {
    String note = erase(judged(new Oracle(1000, 1)), "lion").notes().getFirst();
    assertTrue(note.contains("still show the concept"), note);
  }

  @Test
  void withoutAJudgeOrALabelTheChangeIsTakenAsItIs() {
    assertScaled(erase(judged(null), "lion"), 1);
    String note = erase(judged(new Oracle(0, 1)), "owl").notes().getFirst();
    assertTrue(note.contains("strength 1") && note.contains("'owl'"), note);
  }

  @Test
  void aStrengthCanBeGiven() {
    assertScaled(erase(fixed(0.25), "lion"), 0.25);
    assertThrows(UserError.class, () -> fixed(0));
    assertThrows(UserError.class, () -> fixed(Double.NaN));
  }
}
