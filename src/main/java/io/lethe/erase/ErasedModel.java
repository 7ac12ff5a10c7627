// What an eraser gives back: new weights, and how it came to them.
package io.lethe.erase;

import java.util.List;
import java.util.Map;

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
 */
public record ErasedModel(
    Map<String, Map<String, float[]>> weights,
    Map<String, List<Double>> losses,
    Map<String, List<String>> searchHistory,
    Map<String, Map<String, Double>> wordWeights,
    long unetPasses,
    long fillPasses,
    long peakBytes,
    List<String> notes) {}
