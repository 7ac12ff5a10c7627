// The options of the closed-form erasers, as they stand on the command line.
package io.lethe.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Texts, as in {@link MethodOptionGroup}, of which this is a part. */
final class ClosedFormOptionGroup {
  @Option(
      names = "--technique",
      paramLabel = "NAME",
      description = "UCE: replace, tensor, moderate, debias.")
  private String technique;

  @Option(
      names = "--templates",
      paramLabel = "NAME",
      description = "UCE: erase the concept in sentences too: none, art, object.")
  private String templates;

  @Option(
      names = "--attributes",
      paramLabel = "LIST",
      description = "UCE debias: texts such as male|female.")
  private String attributes;

  @Option(
      names = "--observed",
      paramLabel = "LIST",
      description = "UCE debias: their shares among pictures of the concept, such as 0.9|0.1.")
  private String observed;

  @Option(
      names = "--desired",
      paramLabel = "LIST",
      description = "UCE debias: the shares wanted; without it equal ones.")
  private String desired;

  @Option(
      names = "--alphas",
      paramLabel = "LIST",
      description = "UCE debias: what earlier rounds have added up to.")
  private String alphas;

  @Option(
      names = "--guide",
      paramLabel = "TEXT",
      description =
          "What the concept becomes; one for each concept, separated by |. "
              + "Minimax, reach: without it the prompt loses its name.")
  private String guide;

  @Option(
      names = "--invented-weight",
      paramLabel = "B",
      description = "Minimax, reach: what mean damage to --invented-words counts.")
  private String inventedWeight;

  @Option(names = "--erase-scale", paramLabel = "A", description = "UCE: weight of the concepts.")
  private String eraseScale;

  @Option(
      names = "--preserve-scale",
      paramLabel = "B",
      description = "UCE, RECE: weight of what is preserved.")
  private String preserveScale;

  @Option(
      names = "--preserve-vocabulary",
      paramLabel = "true|false",
      description =
          "UCE, RECE: whether the vocabulary is preserved beside the names given. Default: in"
              + " small models.")
  private String preserveVocabulary;

  @Option(names = "--lambda", paramLabel = "L", description = "Pull towards the unedited weights.")
  private String lambda;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "RECE: how often embeddings are derived and erased.")
  private String rounds;

  @Option(
      names = "--regulariser",
      paramLabel = "NAME",
      description = "RECE: zero, standard, surrogate-output, surrogate-input, surrogate.")
  private String regulariser;

  @Option(names = "--rho", paramLabel = "RHO", description = "RECE: weight of the regulariser.")
  private String rho;

  @Option(
      names = "--start-lambda",
      paramLabel = "L",
      description = "RECE: lambda of the edit before the first round.")
  private String startLambda;

  @Option(
      names = "--start-preserve-scale",
      paramLabel = "B",
      description = "RECE: preserve scale of that edit.")
  private String startPreserveScale;

  @Option(
      names = "--gap",
      paramLabel = "SHARE",
      description =
          "Minimax, reach: duality gap at which the game between edit and words " + "ends.")
  private String gap;

  @Option(
      names = "--solves",
      paramLabel = "N",
      description = "Minimax, reach: at most so many solves.")
  private String solves;

  @Option(
      names = "--rank",
      paramLabel = "N",
      description = "Minimax, reach: rows that every word is compressed to.")
  private String rank;

  @Option(
      names = "--exclude",
      paramLabel = "LIST",
      description =
          "Minimax, reach: words that mean the concept, separated by |; they are "
              + "not protected.")
  private String exclude;

  @Option(
      names = "--mu",
      paramLabel = "MU",
      description =
          "Reach: what a word counts against the concept; 0 to find it by "
              + "--projection-damage.")
  private String mu;

  @Option(
      names = "--projection-damage",
      paramLabel = "SHARE",
      description = "Reach: mean damage that taking directions away may do.")
  private String projectionDamage;

  @Option(
      names = "--own-share",
      paramLabel = "SHARE",
      description =
          "Reach: what a projection's own measure of embeddings counts when directions are taken "
              + "from it; at 0 all projections lose the same.")
  private String ownShare;

  @Option(
      names = "--reach-rows",
      paramLabel = "NAME",
      description =
          "Reach: rows of the concept's prompts to take out of reach: all, " + "content, last.")
  private String reachRows;

  @Option(
      names = "--exact-rank",
      paramLabel = "N",
      description =
          "Reach: rows of the empty prompt and the guides that stay exactly, the " + "strongest.")
  private String exactRank;

  @Option(
      names = "--equal-layers",
      description = "Minimax, reach: every projection counts as much, and not by its size.")
  private boolean equalLayers;

  @Option(
      names = "--uniform-words",
      description = "Reach: every word counts the same, and not by the game's weights.")
  private boolean uniformWords;

  @Option(
      names = "--reach",
      description =
          "UCE, RECE, minimax: add the bound on what a single embedding can bring "
              + "back, with its limits.")
  private boolean reach;

  /** What was given, by name; null for what was not. */
  Map<String, String> options() {
    Map<String, String> given = new LinkedHashMap<>();
    given.put("technique", technique);
    given.put("templates", templates);
    given.put("attributes", attributes);
    given.put("observed", observed);
    given.put("desired", desired);
    given.put("alphas", alphas);
    given.put("guide", guide);
    given.put("invented-weight", inventedWeight);
    given.put("erase-scale", eraseScale);
    given.put("preserve-scale", preserveScale);
    given.put("preserve-vocabulary", preserveVocabulary);
    given.put("lambda", lambda);
    given.put("rounds", rounds);
    given.put("regulariser", regulariser);
    given.put("rho", rho);
    given.put("start-lambda", startLambda);
    given.put("start-preserve-scale", startPreserveScale);
    given.put("gap", gap);
    given.put("solves", solves);
    given.put("rank", rank);
    given.put("exclude", exclude);
    given.put("mu", mu);
    given.put("projection-damage", projectionDamage);
    given.put("own-share", ownShare);
    given.put("reach-rows", reachRows);
    given.put("exact-rank", exactRank);
    given.put("equal-layers", equalLayers ? "true" : null);
    given.put("uniform-words", uniformWords ? "true" : null);
    given.put("reach", reach ? "true" : null);
    return given;
  }
}
