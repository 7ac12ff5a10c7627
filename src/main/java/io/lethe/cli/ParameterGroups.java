// Which part of a model a tensor belongs to.
package io.lethe.cli;

import java.util.List;
import java.util.regex.Pattern;

/** Groups by checkpoint name, in the terms in which erasers choose what to train. */
final class ParameterGroups {
  private record Rule(Pattern name, String group) {
    Rule(String name, String group) {
      this(Pattern.compile(name), group);
    }
  }

  /** The first that matches holds. */
  private static final List<Rule> RULES =
      List.of(
          new Rule("\\battn2\\.to_[kv]\\.", "cross-attention, keys and values"),
          new Rule("\\battn2\\.", "cross-attention, the rest"),
          new Rule("\\battn1\\.", "self-attention"),
          new Rule("\\.ff\\.", "feed-forward"),
          new Rule(
              "(self_attn|attentions\\.\\d+\\.to_|attentions\\.\\d+\\.group_norm)", "attention"),
          new Rule("\\.mlp\\.", "feed-forward"),
          new Rule("resnets\\.", "residual blocks"),
          new Rule("^(time_embedding|add_embedding)", "time embedding"),
          new Rule("token_embedding", "token embedding"),
          new Rule("(position_embedding|class_embedding|patch_embedding)", "other embeddings"),
          new Rule("projection", "projections"),
          new Rule("(layer_?norm|layrnorm|norm\\d?|conv_norm_out)\\.", "norms"),
          new Rule("(conv_in|conv_out|samplers|quant_conv|proj_in|proj_out)", "convolutions"));

  private ParameterGroups() {}

  /** The group of a tensor. */
  static String of(String name) {
    for (Rule rule : RULES) {
      if (rule.name().matcher(name).find()) {
        return rule.group();
      }
    }
    return "other";
  }
}
