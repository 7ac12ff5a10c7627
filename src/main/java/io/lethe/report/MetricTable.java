// The table of rates: the edited model, its interval, the base always beside.
package io.lethe.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Lines in groups.
 *
 * @param exact whether an interval is the binomial one, which a note then explains
 */
record MetricTable(List<Group> groups, boolean exact) {
  /** What stands for the name in a form. */
  private static final String NAME = "\u2026";

  /** Lines that belong together. */
  record Group(String heading, List<Line> lines) {}

  /** One rate, as text, and as a bar. */
  record Line(
      String name,
      String meaning,
      String value,
      String interval,
      boolean exact,
      String svg,
      String base,
      String baseInterval,
      boolean baseExact,
      String normalised,
      String counts) {}

  /** The rates of an evaluation. */
  static MetricTable of(EvaluationFolder evaluation) {
    List<Group> groups = new ArrayList<>();
    add(
        groups,
        "Erased",
        List.of(
            line(
                evaluation,
                JudgedPicture::isErased,
                1,
                true,
                "ESR-1",
                "not the judge\u2019s first guess"),
            line(
                evaluation,
                JudgedPicture::isErased,
                5,
                true,
                "ESR-5",
                "not among its first five")));
    Predicate<JudgedPicture> kept = picture -> !picture.isErased();
    add(
        groups,
        "Kept",
        List.of(
            line(evaluation, kept, 1, false, "PSR-1", "still the judge\u2019s first guess"),
            line(evaluation, kept, 5, false, "PSR-5", "still among its first five")));
    if (hasVocabulary(evaluation)) {
      Predicate<JudgedPicture> known = kept.and(JudgedPicture::known);
      Predicate<JudgedPicture> unseen = kept.and(picture -> !picture.known());
      add(
          groups,
          "Kept, in the vocabulary that the method may use",
          List.of(
              line(evaluation, known, 1, false, "PSR-1", ""),
              line(evaluation, known, 5, false, "PSR-5", "")));
      add(
          groups,
          "Kept, names that it never saw",
          List.of(
              line(evaluation, unseen, 1, false, "PSR-1", "the figure that counts"),
              line(evaluation, unseen, 5, false, "PSR-5", "")));
    }
    List<Optional<Line>> forms = new ArrayList<>();
    forms(evaluation)
        .forEach((form, rows) ->
            forms.add(
                line(
                    evaluation,
                    rows::contains,
                    1,
                    true,
                    "ESR-1",
                    form.equals(NAME) ? "the bare name" : "\u201c" + form + "\u201d")));
    if (forms.size() > 1) {
      groups.add(
          new Group("Erased, by wording", forms.stream().flatMap(Optional::stream).toList()));
    }
    boolean exact =
        groups.stream()
            .flatMap(group -> group.lines().stream())
            .anyMatch(line -> line.exact() || line.baseExact());
    return new MetricTable(groups, exact);
  }

  /** Whether names are told apart by what the method could use. */
  static boolean hasVocabulary(EvaluationFolder evaluation) {
    return evaluation.erased().stream().anyMatch(picture -> !picture.isErased() && picture.known());
  }

  private static void add(List<Group> groups, String heading, List<Optional<Line>> lines) {
    List<Line> there = lines.stream().flatMap(Optional::stream).toList();
    if (!there.isEmpty()) {
      groups.add(new Group(heading, there));
    }
  }

  /** Pictures of erased names by prompt, with the name as {@code {}}. */
  private static Map<String, List<JudgedPicture>> forms(EvaluationFolder evaluation) {
    Map<String, List<JudgedPicture>> forms = new LinkedHashMap<>();
    for (int side = 0; side < 2; side++) {
      for (JudgedPicture row : side == 0 ? evaluation.erased() : evaluation.base()) {
        if (row.isErased()) {
          String form =
              row.prompt().replace(row.concept(), NAME).replace("an " + NAME, "a " + NAME);
          forms.computeIfAbsent(Words.name(form), name -> new ArrayList<>()).add(row);
        }
      }
    }
    return forms;
  }

  /** The rate of those pictures that fit; empty where none does. */
  static Optional<Rates> rates(
      EvaluationFolder evaluation, Predicate<JudgedPicture> which, int k, boolean absent) {
    List<JudgedPicture> after = evaluation.erased().stream().filter(which).toList();
    List<JudgedPicture> before = evaluation.base().stream().filter(which).toList();
    if (after.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(absent ? Rates.esr(after, before, k) : Rates.psr(after, before, k));
  }

  private static Optional<Line> line(
      EvaluationFolder evaluation,
      Predicate<JudgedPicture> which,
      int k,
      boolean absent,
      String name,
      String meaning) {
    return rates(evaluation, which, k, absent).map(rates -> line(rates, name, meaning));
  }

  static Line line(Rates rates, String name, String meaning) {
    return new Line(
        name,
        meaning,
        Words.percent(rates.value()),
        Words.interval(rates.spread()),
        rates.spread().exact(),
        Verdict.bar(name, rates),
        Words.percent(rates.base()),
        Words.interval(rates.baseSpread()),
        rates.baseSpread().exact(),
        Double.isFinite(rates.normalised()) ? Words.percent(rates.normalised()) : "\u2013",
        "%s, %s"
            .formatted(
                Words.count(rates.pictures(), "picture"), Words.count(rates.prompts(), "prompt")));
  }
}
