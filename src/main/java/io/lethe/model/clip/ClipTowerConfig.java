// The configuration of one CLIP tower, text or vision.
package io.lethe.model.clip;

import io.lethe.backend.Activation;

/**
 * A tower's extents. The text fields (vocabSize, maxPositionEmbeddings, eosTokenId) are 0 in a vision tower, the vision fields
 * (imageSize, patchSize) 0 in a text tower.
 */
public record ClipTowerConfig(
    int hiddenSize,
    int intermediateSize,
    int numHiddenLayers,
    int numAttentionHeads,
    double layerNormEps,
    Activation activation,
    int vocabSize,
    int maxPositionEmbeddings,
    int eosTokenId,
    int imageSize,
    int patchSize) {}
