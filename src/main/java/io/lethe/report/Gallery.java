// Before and after, by seed: the concept, its other wordings, its neighbours, far names, nothing.
package io.lethe.report;

import io.lethe.evaluate.Neighbours;
import io.lethe.evaluate.PromptForms;
import io.lethe.report.Studio.Drawn;
import io.lethe.report.Studio.Wish;
import java.util.ArrayList;
import java.util.List;

/**
 * The pictures that a report shows, in groups.
 *
 * @param groups top to bottom
 */
record Gallery(List<Group> groups) {
  /** Prompts of one kind. */
  record Group(String heading, String note, List<Card> cards) {}

  /** One prompt, each seed drawn by both models. */
  record Card(String prompt, boolean wide, List<Shot> shots) {}

  /** One prompt and seed. */
  record Shot(long seed, Look before, Look after) {}

  /**
   * A picture and the judge's verdict.
   *
   * @param verdict what it saw
   * @param surely with what probability, or ""
   * @param mark good where that is as it should be, bad where not, plain where nothing is due
   */
  record Look(InlinePicture image, String verdict, String surely, String mark) {}

  static final String NEIGHBOURS = "Its nearest neighbours";

  private static final int SEEDS = 3;
  private static final int EMPTY_SEEDS = 6;
  private static final int CONCEPTS = 3;

  /** Wordings that evaluations do not use, for models that know the bundled one's styles. */
  private static final List<String> EMOJI_WORDINGS =
      List.of("{} in twemoji style", "a noto emoji of a {}", "an emoji of a {} in fluent style");

  private static final List<String> PHOTO_WORDINGS =
      List.of("a painting of a {}", "a {} in the snow", "a small {} seen from afar");

  /** A card before it is drawn; asked is the name that the judge should see, or "". */
  private record Plan(String prompt, String asked, boolean gone, int seeds) {}

  private record PlannedGroup(String heading, String note, List<Plan> plans) {}

  /**
   * Draws everything with both models.
   *
   * @param erased what should be gone; the first three are shown
   * @param kept from which neighbours and far names are chosen
   * @param synonyms other names of the concept; none: other wordings of its own name
   * @param seed of the first column
   */
  static Gallery draw(
      Studio studio, List<String> erased, List<String> kept, List<String> synonyms, long seed) {
    List<PlannedGroup> groups = plan(studio, erased, kept, synonyms);
    List<Wish> wishes = new ArrayList<>();
    for (PlannedGroup group : groups) {
      for (Plan plan : group.plans()) {
        for (int i = 0; i < plan.seeds(); i++) {
          wishes.add(new Wish(plan.prompt(), seed + i));
        }
      }
    }
    List<Drawn> before = studio.draw(studio.base(), wishes, "drawing with the base model");
    List<Drawn> after = studio.draw(studio.erased(), wishes, "drawing with the erased model");
    List<Group> drawn = new ArrayList<>();
    int at = 0;
    for (PlannedGroup group : groups) {
      List<Card> cards = new ArrayList<>();
      for (Plan plan : group.plans()) {
        List<Shot> shots = new ArrayList<>();
        for (int i = 0; i < plan.seeds(); i++, at++) {
          String prompt = prompt(plan.prompt());
          long itsSeed = seed + i;
          shots.add(
              new Shot(
                  itsSeed,
                  look(before.get(at), plan, false, "before, " + prompt + ", seed " + itsSeed),
                  look(after.get(at), plan, true, "after, " + prompt + ", seed " + itsSeed)));
        }
        cards.add(new Card(prompt(plan.prompt()), plan.seeds() > SEEDS, shots));
      }
      drawn.add(new Group(group.heading(), group.note(), cards));
    }
    return new Gallery(drawn);
  }

  private static List<PlannedGroup> plan(
      Studio studio, List<String> erased, List<String> kept, List<String> synonyms) {
    PromptForms forms = studio.forms();
    List<PlannedGroup> groups = new ArrayList<>();
    List<String> shown = erased.subList(0, Math.min(CONCEPTS, erased.size()));
    List<Plan> concept = new ArrayList<>();
    for (String name : shown) {
      for (int form = 0; form < (shown.size() == 1 ? forms.count() : 2); form++) {
        concept.add(new Plan(forms.prompt(form % forms.count(), name), name, true, SEEDS));
      }
    }
    groups.add(new PlannedGroup("The erased concept", "Above before, below after.", concept));
    groups.add(wordings(forms, shown, synonyms));
    List<String> close = new ArrayList<>();
    List<String> far = new ArrayList<>();
    for (String name : shown) {
      if (studio.judge().labels().contains(name)) {
        Neighbours neighbours = Neighbours.of(studio.judge(), name, kept);
        add(close, neighbours.close(shown.size() == 1 ? 6 : 3), erased);
        add(far, neighbours.far(shown.size() == 1 ? 4 : 2), erased);
      }
    }
    if (!close.isEmpty()) {
      groups.add(
          new PlannedGroup(
              NEIGHBOURS,
              "The names whose meaning the judge holds closest: damage shows here first.",
              close.stream().map(name -> keptPlan(forms, name)).toList()));
    }
    if (!far.isEmpty()) {
      groups.add(
          new PlannedGroup(
              "Far from it",
              "Names that have nothing to do with it, and should not have moved.",
              far.stream().map(name -> keptPlan(forms, name)).toList()));
    }
    groups.add(
        new PlannedGroup(
            "The empty prompt",
            "What the model draws when nobody asks for anything.",
            List.of(new Plan("", "", false, EMPTY_SEEDS))));
    return groups;
  }

  private static PlannedGroup wordings(
      PromptForms forms, List<String> shown, List<String> synonyms) {
    List<Plan> plans = new ArrayList<>();
    for (String synonym : synonyms) {
      plans.add(new Plan(forms.prompt(0, synonym), shown.getFirst(), true, SEEDS));
    }
    if (!plans.isEmpty()) {
      return new PlannedGroup("By other names", "Synonyms that were given for this report.", plans);
    }
    List<String> wordings = forms.equals(PromptForms.EMOJI) ? EMOJI_WORDINGS : PHOTO_WORDINGS;
    for (String name : shown) {
      for (String template : wordings.subList(0, shown.size() == 1 ? wordings.size() : 1)) {
        String prompt = new PromptForms(List.of(template)).prompt(0, name);
        plans.add(new Plan(prompt, name, true, SEEDS));
      }
    }
    return new PlannedGroup(
        "In other words", "Sentences that no figure of this report was measured with.", plans);
  }

  private static void add(List<String> target, List<String> names, List<String> without) {
    names.stream()
        .filter(name -> !without.contains(name) && !target.contains(name))
        .forEach(target::add);
  }

  private static Plan keptPlan(PromptForms forms, String name) {
    return new Plan(forms.prompt(forms.count() > 1 ? 1 : 0, name), name, false, SEEDS);
  }

  private static String prompt(String prompt) {
    return prompt.isEmpty() ? "the empty prompt" : Words.quoted(prompt);
  }

  private static Look look(Drawn drawn, Plan plan, boolean edited, String place) {
    String verdict = Words.name(drawn.seen());
    String surely = Words.percent(rounded(drawn.probability()));
    String mark = "plain";
    if (!plan.asked().isEmpty() && edited) {
      mark = drawn.seen().equals(plan.asked()) == plan.gone() ? "bad" : "good";
    }
    String alt = "%s; the judge sees %s, %s".formatted(place, verdict, surely);
    return new Look(InlinePicture.thumbnail(drawn.picture(), alt), verdict, surely, mark);
  }

  /** Whole percents are enough under a picture. */
  private static double rounded(double probability) {
    return Math.rint(100 * probability) / 100;
  }
}
