// A place in the checkpoint's tree of names.
package io.lethe.nn;

import io.lethe.tensor.Shape;

/**
 * A prefix of checkpoint names: {@code path.child("attentions").child(0).get("proj_in.weight", c,
 * c)}.
 */
public final class ParameterPath {
  private final ParameterStore store;
  private final String prefix;

  ParameterPath(ParameterStore store, String prefix) {
    this.store = store;
    this.prefix = prefix;
  }

  /** One level down. */
  public ParameterPath child(String name) {
    return new ParameterPath(store, prefix.isEmpty() ? name : prefix + "." + name);
  }

  /** One level down, into a list. */
  public ParameterPath child(int index) {
    return child(Integer.toString(index));
  }

  /** The parameter at this place: mapped when frozen and of rank 2 or more. */
  public Parameter get(String name, long... shape) {
    return store.get(child(name).prefix, Shape.of(shape), false);
  }

  /**
   * The parameter at this place in compute memory, for tables that are added rather than multiplied
   * by.
   */
  public Parameter getInMemory(String name, long... shape) {
    return store.get(child(name).prefix, Shape.of(shape), true);
  }

  /** The dotted name, as in the checkpoint, the trace and error messages. */
  @Override
  public String toString() {
    return prefix;
  }
}
