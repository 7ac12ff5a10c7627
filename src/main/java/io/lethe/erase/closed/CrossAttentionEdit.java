// An edit of cross-attention: which projection gets which right factor.
package io.lethe.erase.closed;

import io.lethe.erase.dense.Products;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code W_l' = W_l (I + M_l)}. Most methods have one M for all projections; UCE's tensor technique
 * and SPEED have one for each.
 *
 * @param factors by checkpoint name; equal objects are one M
 */
public record CrossAttentionEdit(Map<String, RightFactor> factors) {
  public CrossAttentionEdit {
    factors = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(factors));
  }

  /** One M for all of these projections. */
  public static CrossAttentionEdit shared(RightFactor factor, Collection<String> projections) {
    Map<String, RightFactor> factors = new LinkedHashMap<>();
    projections.forEach(name -> factors.put(name, factor));
    return new CrossAttentionEdit(factors);
  }

  /** The factor of a projection; nothing where it is not edited. */
  public Optional<RightFactor> factor(String projection) {
    return Optional.ofNullable(factors.get(projection));
  }

  /** The one factor of all edited projections, if there is but one. */
  public Optional<RightFactor> sharedFactor() {
    List<RightFactor> distinct = distinct();
    return distinct.size() == 1 ? Optional.of(distinct.getFirst()) : Optional.empty();
  }

  /** Every factor once. */
  public List<RightFactor> distinct() {
    Map<RightFactor, Boolean> seen = new IdentityHashMap<>();
    List<RightFactor> result = new ArrayList<>();
    for (RightFactor factor : factors.values()) {
      if (seen.put(factor, true) == null) {
        result.add(factor);
      }
    }
    return result;
  }

  /** {@code (I + this)(I + other)} for each projection; {@code other} acts on embeddings first. */
  public CrossAttentionEdit compose(CrossAttentionEdit other, Products products) {
    Map<String, RightFactor> composed = new LinkedHashMap<>(factors);
    Map<RightFactor, Map<RightFactor, RightFactor>> known = new IdentityHashMap<>();
    for (Map.Entry<String, RightFactor> entry : other.factors.entrySet()) {
      RightFactor mine = factors.get(entry.getKey());
      RightFactor theirs = entry.getValue();
      composed.put(
          entry.getKey(),
          mine == null
              ? theirs
              : known
                  .computeIfAbsent(mine, key -> new IdentityHashMap<>())
                  .computeIfAbsent(theirs, key -> mine.compose(theirs, products)));
    }
    return new CrossAttentionEdit(composed);
  }

  /** The edit that undoes this one, or nothing where some I + M is singular. */
  public Optional<CrossAttentionEdit> inverse(Products products) {
    Map<RightFactor, RightFactor> inverses = new IdentityHashMap<>();
    for (RightFactor factor : distinct()) {
      Optional<RightFactor> inverse = factor.inverse(products);
      if (inverse.isEmpty()) {
        return Optional.empty();
      }
      inverses.put(factor, inverse.get());
    }
    Map<String, RightFactor> result = new LinkedHashMap<>();
    factors.forEach((name, factor) -> result.put(name, inverses.get(factor)));
    return Optional.of(new CrossAttentionEdit(result));
  }
}
