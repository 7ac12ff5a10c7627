// The choice of epoch: the first that forgets, within a budget of damage, or none at all.
package io.lethe.erase;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import io.lethe.diffusion.Picture;
import io.lethe.evaluate.Judge;
import io.lethe.evaluate.PromptForms;
import io.lethe.evaluate.Ranking;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** One update an epoch, on a grey picture, under a judge that says what the test tells it. */
final class EpochChoiceTest {
  private static final PromptForms FORMS = new PromptForms(List.of("{}"));
  private static final List<String> LABELS = List.of("bear", "lion");
  private static EmojiModel emoji;

  @BeforeAll
  static void open() {
    emoji = new EmojiModel(2);
  }

  @AfterAll
  static void close() {
    emoji.close();
  }

  /** Sees the concept until it has looked this often. */
  private static final class Oracle implements Judge {
    private final int sees;
    private int looks;

    Oracle(int sees) {
      this.sees = sees;
    }

    @Override
    public List<String> labels() {
      return LABELS;
    }

    @Override
    public List<Ranking> rank(List<Picture> pictures) {
      boolean seen = looks++ < sees;
      List<Ranking> rankings = new ArrayList<>();
      for (int i = 0; i < pictures.size(); i++) {
        rankings.add(new Ranking(seen ? new float[] {0, 1} : new float[] {1, 0}, 1));
      }
      return rankings;
    }

    @Override
    public String id() {
      return "oracle";
    }
  }

  /** One picture an epoch, of which the upper bound of detection is 95 % when it shows nothing. */
  private static ErasedModel unlearn(Judge judge, String concept, int epochs, double budget) {
    return unlearn(judge, concept, epochs, budget, 0.96);
  }

  private static ErasedModel unlearn(
      Judge judge, String concept, int epochs, double budget, double limit) {
    EpochChoice choice =
        new EpochChoice(new EpochChoice.Settings(judge, FORMS, 1, limit, EmojiModel.WORDS, budget));
    Picture grey = new Picture(64, 64, new byte[64 * 64 * 3]);
    FewShot.Settings settings =
        new FewShot.Settings(TextSelector.MLP_ONLY, 1, 1, epochs, 1e-4, FORMS);
    return new FewShot(settings, List.of(List.of(grey)), choice)
        .erase(emoji.run(EmojiModel.request(0, concept)));
  }

  @Test
  void theFirstEpochThatForgetsIsTaken() {
    Oracle oracle = new Oracle(2);
    ErasedModel model = unlearn(oracle, "lion", 5, 0.5);
    assertEquals(3, oracle.looks, "epochs judged");
    assertEquals(3, model.losses().get("unlearn").size(), "steps taken");
    assertTrue(model.notes().getFirst().contains("epoch 3"), model.notes().getFirst());
  }

  @Test
  void withoutAJudgeTheLastEpochIsTaken() {
    ErasedModel model = unlearn(null, "lion", 2, 0.5);
    assertEquals(2, model.losses().get("unlearn").size());
    assertTrue(model.notes().getFirst().contains("last epoch"), model.notes().getFirst());
  }

  @Test
  void anEpochThatForgetsTooMuchElseDoesNotQualify() {
    EpochChoice.NoEpochQualifies none =
        assertThrows(
            EpochChoice.NoEpochQualifies.class, () -> unlearn(new Oracle(0), "lion", 2, 1e-9));
    assertTrue(none.getMessage().contains("budget"), none.getMessage());
  }

  @Test
  void aConceptThatStaysUntilTheEndMeansThatNoEpochQualifies() {
    EpochChoice.NoEpochQualifies none =
        assertThrows(
            EpochChoice.NoEpochQualifies.class, () -> unlearn(new Oracle(9), "lion", 2, 0.5));
    assertTrue(none.getMessage().contains("1 of 1"), none.getMessage());
  }

  @Test
  void onePictureWithoutTheConceptProvesLittle() {
    EpochChoice.NoEpochQualifies none =
        assertThrows(
            EpochChoice.NoEpochQualifies.class, () -> unlearn(new Oracle(0), "lion", 1, 0.5, 0.1));
    assertTrue(none.getMessage().contains("0 of 1"), none.getMessage());
  }

  @Test
  void aConceptThatTheJudgeDoesNotKnowIsTheUsersMistake() {
    String message =
        assertThrows(UserError.class, () -> unlearn(new Oracle(9), "owl", 2, 0.5)).getMessage();
    assertTrue(message.contains("'owl'"), message);
  }
}
