// Config keys that cannot change what Lethe computes.
package io.lethe.weights;

import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Keys of config.json that are passed over in silence: who made the file and how the weights were
 * first drawn; rates of dropout, when zero; precision, as Lethe computes in F32; how language
 * models generate text, which no encoder does and which old configs list all the same.
 */
final class HarmlessKeys {
  private static final Set<String> ORIGIN =
      Set.of(
          "architectures",
          "dtype",
          "initializer_factor",
          "initializer_range",
          "logit_scale_init_value",
          "model_type",
          "name_or_path",
          "torch_dtype",
          "transformers_version");

  /** Precision; the default size of a picture; a count that matters only beside an unset key. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "addition_embed_type_num_heads",
          "bos_token_id",
          "force_upcast",
          "gradient_checkpointing",
          "pad_token_id",
          "projection_dim",
          "sample_size",
          "upcast_attention");

  private static final Set<String> TEXT_GENERATION =
      Set.of(
          "chunk_size_feed_forward",
          "decoder_start_token_id",
          "diversity_penalty",
          "encoder_no_repeat_ngram_size",
          "id2label",
          "label2id",
          "length_penalty",
          "max_length",
          "min_length",
          "no_repeat_ngram_size",
          "num_beam_groups",
          "num_beams",
          "num_return_sequences",
          "pruned_heads",
          "repetition_penalty",
          "return_dict",
          "temperature",
          "tie_word_embeddings",
          "top_k",
          "top_p",
          "typical_p",
          "use_cache");

  private HarmlessKeys() {}

  static boolean contains(String key, JsonNode value) {
    if (key.equals("dropout") || key.endsWith("_dropout")) {
      return value.isNumber() && value.doubleValue() == 0;
    }
    return key.startsWith("_")
        || ORIGIN.contains(key)
        || WITHOUT_EFFECT.contains(key)
        || TEXT_GENERATION.contains(key);
  }
}
