// What an eraser gives back: new weights, and how it came to them.
package io.lethe.erase;

import io.lethe.erase.closed.EditFile;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Edited weights of a model.
 *
 * @param weights by component ({@code unet}, {@code text_encoder}) and canonical checkpoint name,
 *     F32 masters
 * @param losses the loss at every step, by name ({@code erase}, {@code keep})
 * @param searchHistory for adversarial methods, which word was chosen at each step, by concept;
 *     else empty
 * @param wordWeights for adversarial methods, the final probability of each word, by concept; else
 *     empty
 * @param unetPasses single-sample forward passes; a forward with backward counts as three
 * @param fillPasses those among them that filled pools
 * @param notes sentences for the report, such as which epoch was chosen and why
 * @param figures for closed-form methods, what metrics.json says of the edit, by name; else empty
 * @param edit for closed-form methods, the edit as a small file of its own
 * @param seconds for closed-form methods, what each stage took, by name and in order ({@code
 *     embeddings}, {@code edit}), which differs from run to run; may be empty
 */
public record ErasedModel(
    Map<String, Map<String, float[]>> weights,
    Map<String, List<Double>> losses,
    Map<String, List<String>> searchHistory,
    Map<String, Map<String, Double>> wordWeights,
    long unetPasses,
    long fillPasses,
    long peakBytes,
    List<String> notes,
    Map<String, Object> figures,
    Optional<EditFile> edit,
    Map<String, Double> seconds) {

  /** What a method that trains gives back. */
  public ErasedModel(
      Map<String, Map<String, float[]>> weights,
      Map<String, List<Double>> losses,
      Map<String, List<String>> searchHistory,
      Map<String, Map<String, Double>> wordWeights,
      long unetPasses,
      long fillPasses,
      long peakBytes,
      List<String> notes) {
    this(
        weights,
        losses,
        searchHistory,
        wordWeights,
        unetPasses,
        fillPasses,
        peakBytes,
        notes,
        Map.of(),
        Optional.empty(),
        Map.of());
  }
}
