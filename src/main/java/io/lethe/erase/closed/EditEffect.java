// What an edit does to embeddings: how far it moves them, as the projections see it.
package io.lethe.erase.closed;

import io.lethe.erase.dense.Matrix;
import io.lethe.erase.dense.Products;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The change of the keys and values of x is {@code W_l left^T (right x)}: with {@code K = sum_l
 * (W_l left^T)^T (W_l left^T)}, small, its energy is {@code (right x)^T K (right x)} for any number
 * of embeddings.
 */
public final class EditEffect {
  /** The projections that share one factor, and their K. */
  private record Group(RightFactor factor, Matrix core) {}

  private final Projections projections;
  private final CrossAttentionEdit edit;
  private final List<Group> groups = new ArrayList<>();

  /**
   * @param images {@code W_l left_l^T [outputs, k]} of every projection that the edit touches
   */
  EditEffect(Projections projections, CrossAttentionEdit edit, Map<String, Matrix> images) {
    this.projections = projections;
    this.edit = edit;
    Products products = projections.products();
    if (projections.knowsGram() && isShared()) {
      Matrix left = edit.sharedFactor().orElseThrow().left();
      Matrix core = products.productTransposed(products.product(left, projections.gram()), left);
      groups.add(new Group(edit.sharedFactor().orElseThrow(), core));
      return;
    }
    Map<RightFactor, Matrix> cores = new IdentityHashMap<>();
    for (int l = 0; l < projections.list().size(); l++) {
      String name = projections.list().get(l).name();
      RightFactor factor = edit.factor(name).orElse(null);
      if (factor != null) {
        if (!cores.containsKey(factor)) {
          cores.put(factor, Matrix.zeros(factor.pairs(), factor.pairs()));
          groups.add(new Group(factor, cores.get(factor)));
        }
        double root = Math.sqrt(projections.scale(l));
        products.addGram(images.get(name).times(root), cores.get(factor));
      }
    }
  }

  /** Whether one factor acts on every projection. */
  private boolean isShared() {
    return edit.sharedFactor().isPresent() && edit.factors().size() == projections.list().size();
  }

  /** {@code sum_l s_l ||W_l M_l x||^2} of every row. */
  public double[] changes(Matrix rows) {
    Products products = projections.products();
    double[] changes = new double[rows.rows()];
    for (Group group : groups) {
      Matrix along = products.productTransposed(rows, group.factor().right());
      Matrix images = products.product(along, group.core());
      for (int i = 0; i < changes.length; i++) {
        changes[i] += Math.max(0, along.rows(i, i + 1).dot(images.rows(i, i + 1)));
      }
    }
    return changes;
  }

  /**
   * The damage of prompts: the energy by which the keys and values of each change, as a share of
   * that by which they differ from the empty prompt's.
   *
   * @param rows of each prompt, {@code [tokens, width]}
   * @param fromEmpty how these differ from the empty prompt's
   */
  public double[] damages(List<Matrix> rows, List<Matrix> fromEmpty) {
    double[] damages = projections.energies(fromEmpty);
    for (int j = 0; j < damages.length; j++) {
      double change = 0;
      for (double row : changes(rows.get(j))) {
        change += row;
      }
      damages[j] = change / damages[j];
    }
    return damages;
  }

  /**
   * How much of the way to its guide is missing: {@code sum ||W (c + M c - g)||^2 / sum ||W (c -
   * g)||^2} over concepts and projections.
   *
   * @param concepts {@code [k, width]}
   * @param moves by projection name, where each concept shall move, {@code [k, width]}
   */
  public double mappingError(Matrix concepts, Function<String, Matrix> moves) {
    if (isShared()) {
      Matrix wanted = moves.apply(projections.list().getFirst().name());
      if (projections.names().stream().allMatch(name -> moves.apply(name) == wanted)) {
        Matrix shift = edit.sharedFactor().get().shift(concepts, projections.products());
        return projections.energy(shift.minus(wanted)) / projections.energy(wanted);
      }
    }
    double missing = 0;
    double whole = 0;
    for (int l = 0; l < projections.list().size(); l++) {
      String name = projections.list().get(l).name();
      if (edit.factor(name).isPresent()) {
        Matrix wanted = moves.apply(name);
        Matrix shift = edit.factor(name).get().shift(concepts, projections.products());
        missing += projections.energy(l, shift.minus(wanted));
        whole += projections.energy(l, wanted);
      }
    }
    return missing / whole;
  }
}
