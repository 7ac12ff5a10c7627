// Which parameters of the text encoder few-shot unlearning trains.
package io.lethe.erase;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.nn.Parameter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The five parameter sets of few-shot unlearning (Fuchi and Takagi 2024). Layer norms and
 * embeddings stay frozen in every set but ALL. On the encoder of Stable Diffusion 1.x their sizes
 * are known, and asserted.
 */
public enum TextSelector {
  /**
   * The whole encoder, embeddings included: what the released code trained whatever it was told,
   * until July 2026.
   */
  ALL("all", 123_060_480),
  MLP_ONLY("mlp-only", 56_669_184),
  ATTN_ONLY("attn-only", 28_348_416),
  MLP_ATTN("mlp-attn", 85_017_600),
  /** MLPs of all layers and attention of the last: the paper's choice. */
  MLP_FINAL_ATTN("mlp-final-attn", 59_031_552);

  private static final long SD1_ENCODER = 123_060_480;

  private final String label;
  private final long sizeInSd1;

  TextSelector(String label, long sizeInSd1) {
    this.label = label;
    this.sizeInSd1 = sizeInSd1;
  }

  /**
   * @throws UserError listing the known ones
   */
  public static TextSelector named(String name) {
    for (TextSelector selector : values()) {
      if (selector.label.equals(name.toLowerCase(Locale.ROOT))) {
        return selector;
      }
    }
    throw new UserError(
        "there is no parameter set '"
            + name
            + "'; known: "
            + Arrays.stream(values()).map(TextSelector::label).collect(Collectors.joining(", ")));
  }

  public String label() {
    return label;
  }

  /**
   * @param layers of the encoder, the last of which is the final one (11 in Stable Diffusion 1.x)
   */
  public Predicate<String> predicate(int layers) {
    String last = ".layers." + (layers - 1) + ".self_attn.";
    return switch (this) {
      case ALL -> name -> true;
      case MLP_ONLY -> name -> name.contains("mlp.fc");
      case ATTN_ONLY -> name -> name.contains(".self_attn.");
      case MLP_ATTN -> name -> name.contains("mlp.fc") || name.contains(".self_attn.");
      case MLP_FINAL_ATTN -> name -> name.contains("mlp.fc") || name.contains(last);
    };
  }

  /** Refuses a selection of another size than the paper's, where the encoder is the paper's. */
  void requireKnownSize(List<Parameter> all, List<Parameter> selected) {
    if (count(all) == SD1_ENCODER && count(selected) != sizeInSd1) {
      throw new LetheException(
          "set "
              + label
              + " selects "
              + count(selected)
              + " parameters of Stable Diffusion's encoder, not "
              + sizeInSd1);
    }
  }

  private static long count(List<Parameter> parameters) {
    return parameters.stream().mapToLong(parameter -> parameter.data().shape().elements()).sum();
  }
}
