// What a report does not show, said as plainly as what it does.
package io.lethe.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Sentences for the closing section. */
final class Omissions {
  /** One gap: what was not done, and what it would tell. */
  record Gap(String what, String why) {}

  private Omissions() {}

  /**
   * @param attacks those that were run
   * @param runs how many seeds the method was trained with
   * @param textEncoder whether the edit changed the text encoder
   */
  static List<Gap> of(List<AttackRecord> attacks, int runs, boolean textEncoder) {
    List<Gap> gaps = new ArrayList<>();
    gaps.add(
        new Gap(
            "Other wordings and languages",
            "Figures come from a few sentence forms with the name in them. Descriptions without it,"
                + " synonyms and other languages may still reach the concept."));
    gaps.add(
        new Gap(
            "Black-box prompt search",
            "Nobody searched for prompts by trial, as Ring-A-Bell, MMA-Diffusion and ICER do."));
    gaps.add(
        new Gap(
            "White-box prompt search",
            "Nobody searched for prompts with gradients, as UnlearnDiffAtk and P4D do."));
    boolean word = attacks.stream().anyMatch(attack -> !attack.embedding().equals("context"));
    boolean context = attacks.stream().anyMatch(attack -> attack.embedding().equals("context"));
    if (!word && !context) {
      gaps.add(
          new Gap(
              "Learned embeddings",
              "No textual inversion was tried: lethe attack measures it. Edits that look perfect"
                  + " under plain prompts often give way to it."));
    } else if (!context) {
      gaps.add(
          new Gap(
              "A learned context",
              "The attack learned one word. An attacker who sets the whole context can do more."));
    } else if (!word) {
      gaps.add(
          new Gap(
              "A learned word",
              "The attack set the whole context; what one new word can do was not measured."));
    }
    gaps.add(
        new Gap(
            "Attacks on the weights",
            "Whether fine-tuning on innocent pictures brings the concept back, and whether a"
                + " half-drawn picture of the base model is finished as the concept."));
    gaps.add(
        new Gap(
            "Other judges",
            "One judge decided. Another would draw the line between names elsewhere."));
    gaps.add(
        new Gap(
            "Quality",
            "No distance to real pictures (FID, LPIPS) was measured: only what is recognised, and"
                + " how surely."));
    gaps.add(
        new Gap(
            "Other settings",
            "Samplers, guidance, steps and sizes other than those below can give other figures."));
    if (runs == 1) {
      gaps.add(
          new Gap(
              "Other training seeds",
              "The intervals tell how far prompts move the figures. One run cannot tell how far the"
                  + " training\u2019s own randomness does."));
    }
    if (textEncoder) {
      gaps.add(
          new Gap(
              "The text encoder alone",
              "This edit lies in the text encoder: who loads only the other components has the"
                  + " concept back."));
    }
    return gaps;
  }

  /** For one erasure. */
  static List<Gap> of(Optional<AttackRecord> attack, String method) {
    return of(attack.stream().toList(), 1, method.equals("few-shot"));
  }
}
