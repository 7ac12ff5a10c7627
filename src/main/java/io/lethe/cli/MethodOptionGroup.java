// The options of the erasing methods, as they stand on the command line.
package io.lethe.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/**
 * Every option is a text here; the method that runs says what it means and refuses what it does not
 * know.
 */
final class MethodOptionGroup {
  @Option(
      names = "--selector",
      paramLabel = "GROUP",
      description = "Parameters of the UNet to train: x, x-strict, u, all, noxattn, selfattn.")
  private String selector;

  @Option(names = "--steps", paramLabel = "N", description = "Updates of the weights.")
  private String steps;

  @Option(
      names = "--until",
      paramLabel = "P",
      description =
          "Stop before --steps when the concept's prediction has come so far: 1 is the empty"
              + " prompt, beyond is safer; 0 for never.")
  private String until;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Latents of the concept, or pictures, in each update.")
  private String batch;

  @Option(names = "--lr", paramLabel = "RATE", description = "Learning rate of Adam.")
  private String lr;

  @Option(names = "--lr-schedule", paramLabel = "NAME", description = "constant or cosine.")
  private String lrSchedule;

  @Option(
      names = "--weighting",
      paramLabel = "NAME",
      description = "Timesteps in the loss: none, x0, x0-clamped.")
  private String weighting;

  @Option(
      names = "--negative-guidance",
      paramLabel = "ETA",
      description = "How far beyond the anchor the target lies, away from the concept.")
  private String negativeGuidance;

  @Option(
      names = "--sampling-guidance",
      paramLabel = "G",
      description = "Guidance scale under which training latents are drawn.")
  private String samplingGuidance;

  @Option(
      names = "--levels",
      paramLabel = "N",
      description = "Noise levels on which training latents stand.")
  private String levels;

  @Option(
      names = "--advance",
      paramLabel = "N",
      description = "How many latents of each update the pool moves on.")
  private String advance;

  @Option(
      names = "--latents",
      paramLabel = "SOURCE",
      description =
          "reservoir (a pool that moves on with the student) or fresh (a new partial sampling each,"
              + " as published; many times the passes).")
  private String latents;

  @Option(
      names = "--trajectories",
      paramLabel = "N",
      description = "Whole trajectories that fill the pool, for each concept.")
  private String trajectories;

  @Option(
      names = "--form",
      paramLabel = "NAME",
      description =
          "ESD, UCE, RECE: classic, or current as in the authors' later code. Of UCE it decides"
              + " what is moved: the last token of the concept and all that follow, or that token"
              + " alone.")
  private String form;

  @Option(
      names = "--prompt-forms",
      paramLabel = "LIST",
      description = "Sentences in which the concept is trained, {} for its name, separated by |.")
  private String promptForms;

  @Option(
      names = "--keep-batch",
      paramLabel = "N",
      description = "EAP: adversarial words in each update.")
  private String keepBatch;

  @Option(
      names = "--keep-advance",
      paramLabel = "N",
      description = "EAP: how many latents of other words the pool moves on.")
  private String keepAdvance;

  @Option(
      names = "--keep-empty",
      paramLabel = "N",
      description = "EAP: samples of the empty prompt to protect in each update.")
  private String keepEmpty;

  @Option(
      names = "--keep-weight",
      paramLabel = "LAMBDA",
      description = "EAP: weight of preserving them.")
  private String keepWeight;

  @Option(
      names = "--text-whitening",
      paramLabel = "RIDGE",
      description =
          "EAP: train keys and values in coordinates in which usual text (the vocabulary and"
              + " invented words) is white, so that an update for the concept moves other words"
              + " little; 0 for plain Adam.")
  private String textWhitening;

  @Option(
      names = "--invented-words",
      paramLabel = "N",
      description =
          "EAP, minimax, reach: words made from parts of the tokenizer's, which stand for all"
              + " names that the vocabulary does not list.")
  private String inventedWords;

  @Option(
      names = "--strength",
      paramLabel = "S",
      description =
          "EAP: how much of the trained change is taken; auto takes the least from 1 on at which"
              + " the judge sees the concept in no selection picture.")
  private String strength;

  @Option(
      names = "--tau",
      paramLabel = "T",
      description = "EAP: temperature of the Gumbel-softmax.")
  private String tau;

  @Option(
      names = "--search-lr",
      paramLabel = "RATE",
      description = "EAP: learning rate of the search.")
  private String searchLr;

  @Option(
      names = "--search-batch",
      paramLabel = "N",
      description = "EAP: words in a step of the search.")
  private String searchBatch;

  @Option(
      names = "--search-every",
      paramLabel = "N",
      description = "EAP: updates to one search step; 0 for no search.")
  private String searchEvery;

  @Option(
      names = "--nearest",
      paramLabel = "N",
      description = "EAP: how many nearest words of the vocabulary are candidates.")
  private String nearest;

  @Option(
      names = "--centers",
      paramLabel = "N",
      description = "EAP: how many of these remain; 0 for all.")
  private String centers;

  @Option(
      names = "--keep-trajectories",
      paramLabel = "N",
      description = "EAP: trajectories that fill the pool of other words.")
  private String keepTrajectories;

  @Option(
      names = "--keep-stride",
      paramLabel = "N",
      description = "EAP: levels between the snapshots of such a trajectory.")
  private String keepStride;

  @Option(
      names = "--keep-forms",
      paramLabel = "LIST",
      description = "EAP: sentences in which words are protected.")
  private String keepForms;

  @Option(
      names = "--parameters",
      paramLabel = "SET",
      description = "Few-shot: all, mlp-only, attn-only, mlp-attn, mlp-final-attn.")
  private String parameters;

  @Option(
      names = "--pictures",
      paramLabel = "N",
      description = "Few-shot: pictures to draw when none are given.")
  private String pictures;

  @Option(names = "--epochs", paramLabel = "N", description = "Few-shot: at most so many.")
  private String epochs;

  @Option(
      names = "--captions",
      paramLabel = "KIND",
      description = "Few-shot: object, style, emoji.")
  private String captions;

  @Option(
      names = "--selection-pictures",
      paramLabel = "N",
      description =
          "EAP, few-shot: pictures of each concept that the judge must see without it, for a"
              + " strength or an epoch to be taken.")
  private String selectionPictures;

  @Option(
      names = "--detection-limit",
      paramLabel = "SHARE",
      description = "Few-shot: highest detection rate that counts as forgotten.")
  private String detectionLimit;

  @Option(
      names = "--drift-budget",
      paramLabel = "SHARE",
      description = "Few-shot: highest mean movement of retained words.")
  private String driftBudget;

  @Option(names = "--legacy", description = "All quirks of the published code together.")
  private boolean legacy;

  @Option(
      names = "--legacy-timesteps",
      description = "The published mismatch between latent and timestep (needs fresh latents).")
  private boolean legacyTimesteps;

  @Option(
      names = "--legacy-self-preserve",
      description = "EAP: the concept itself may be among the protected words.")
  private boolean legacySelfPreserve;

  @ArgGroup(validate = false, heading = "%nOptions of the closed-form methods:%n")
  private ClosedFormOptionGroup closedForm = new ClosedFormOptionGroup();

  @ArgGroup(validate = false, heading = "%nOptions of SPEED:%n")
  private SpeedOptionGroup speed = new SpeedOptionGroup();

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description =
          "An option that has no flag here, such as those of your own method; repeatable.")
  private Map<String, String> others = new LinkedHashMap<>();

  /** What was given, by name. */
  Map<String, String> given() {
    Map<String, String> given = new LinkedHashMap<>();
    put(given, "selector", selector);
    put(given, "steps", steps);
    put(given, "until", until);
    put(given, "batch", batch);
    put(given, "lr", lr);
    put(given, "lr-schedule", lrSchedule);
    put(given, "weighting", weighting);
    put(given, "negative-guidance", negativeGuidance);
    put(given, "sampling-guidance", samplingGuidance);
    put(given, "levels", levels);
    put(given, "advance", advance);
    put(given, "latents", latents);
    put(given, "trajectories", trajectories);
    put(given, "form", form);
    put(given, "prompt-forms", promptForms);
    put(given, "keep-batch", keepBatch);
    put(given, "keep-advance", keepAdvance);
    put(given, "keep-empty", keepEmpty);
    put(given, "keep-weight", keepWeight);
    put(given, "text-whitening", textWhitening);
    put(given, "invented-words", inventedWords);
    put(given, "strength", strength);
    put(given, "tau", tau);
    put(given, "search-lr", searchLr);
    put(given, "search-batch", searchBatch);
    put(given, "search-every", searchEvery);
    put(given, "nearest", nearest);
    put(given, "centers", centers);
    put(given, "keep-trajectories", keepTrajectories);
    put(given, "keep-stride", keepStride);
    put(given, "keep-forms", keepForms);
    put(given, "parameters", parameters);
    put(given, "pictures", pictures);
    put(given, "epochs", epochs);
    put(given, "captions", captions);
    put(given, "selection-pictures", selectionPictures);
    put(given, "detection-limit", detectionLimit);
    put(given, "drift-budget", driftBudget);
    put(given, "legacy", legacy ? "true" : null);
    put(given, "legacy-timesteps", legacyTimesteps ? "true" : null);
    put(given, "legacy-self-preserve", legacySelfPreserve ? "true" : null);
    closedForm.options().forEach((name, value) -> put(given, name, value));
    speed.options().forEach((name, value) -> put(given, name, value));
    given.putAll(others);
    return given;
  }

  private static void put(Map<String, String> given, String name, String value) {
    if (value != null) {
      given.put(name, value);
    }
  }
}
