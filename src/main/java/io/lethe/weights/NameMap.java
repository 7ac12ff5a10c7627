// Old and new spellings of tensor names, and which of them Lethe uses.
package io.lethe.weights;

import io.lethe.tensor.Shape;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** From the names in a file to canonical names: one map for each kind of component. */
public enum NameMap {
  /** UNets, and whatever has had one spelling only. */
  PLAIN,

  /**
   * Text encoders by themselves: transformers 5 leaves out the prefix {@code text_model.}, all
   * others have it, and so has the canonical name.
   */
  TEXT_ENCODER,

  /** A CLIP model with both towers: its prefixes have never changed. */
  CLIP,

  /**
   * Autoencoders: attention was once {@code query, key, value, proj_attn}, and some files hold its
   * linear weights [C, C] as 1x1 convolutions [C, C, 1, 1].
   */
  VAE;

  private static final Pattern OLD_ATTENTION =
      Pattern.compile("(.*attentions\\.\\d+)\\.(query|key|value|proj_attn)\\.(weight|bias)");

  private static final Pattern ATTENTION_WEIGHT =
      Pattern.compile(".*attentions\\.\\d+\\.(to_q|to_k|to_v|to_out\\.0)\\.weight");

  private static final Map<String, String> NEW_ATTENTION =
      Map.of("query", "to_q", "key", "to_k", "value", "to_v", "proj_attn", "to_out.0");

  /** The map for a component of this class, such as {@code CLIPTextModel}. */
  public static NameMap of(String className) {
    return switch (className) {
      case "CLIPTextModel", "CLIPTextModelWithProjection" -> TEXT_ENCODER;
      case "CLIPModel" -> CLIP;
      case "AutoencoderKL" -> VAE;
      default -> PLAIN;
    };
  }

  /** The name that models ask for. */
  public String canonical(String name) {
    if (this == TEXT_ENCODER && name.matches("(embeddings|encoder|final_layer_norm)\\..*")) {
      return "text_model." + name;
    }
    if (this == VAE) {
      Matcher old = OLD_ATTENTION.matcher(name);
      if (old.matches()) {
        return old.group(1) + "." + NEW_ATTENTION.get(old.group(2)) + "." + old.group(3);
      }
    }
    return name;
  }

  /** The shape that models expect; only the spelling of extents changes, never the order. */
  Shape canonicalShape(String canonical, Shape shape) {
    boolean linearAsConvolution =
        this == VAE
            && shape.rank() == 4
            && shape.dim(2) == 1
            && shape.dim(3) == 1
            && ATTENTION_WEIGHT.matcher(canonical).matches();
    return linearAsConvolution ? Shape.of(shape.dim(0), shape.dim(1)) : shape;
  }

  /** Whether this is a buffer that follows from the config, as position numbers do. */
  boolean isRedundant(String name) {
    return (this == TEXT_ENCODER || this == CLIP) && name.endsWith("embeddings.position_ids");
  }
}
