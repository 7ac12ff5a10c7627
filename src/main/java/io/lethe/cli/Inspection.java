// What a set of tensors consists of: counts by group and by type.
package io.lethe.cli;

import io.lethe.tensor.DType;
import io.lethe.weights.TensorView;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sums over tensors.
 *
 * @param parameters elements of all tensors together
 * @param bytes of their data
 * @param groups by {@link ParameterGroups}
 * @param dtypes tensors of each type
 */
record Inspection(
    int tensors,
    long parameters,
    long bytes,
    Map<String, Group> groups,
    Map<DType, Integer> dtypes) {
  /** Tensors and elements of one group. */
  record Group(int tensors, long parameters) {}

  static Inspection of(Collection<TensorView> views) {
    long parameters = 0;
    long bytes = 0;
    Map<String, Group> groups = new TreeMap<>();
    Map<DType, Integer> dtypes = new TreeMap<>();
    for (TensorView view : views) {
      long elements = view.shape().elements();
      parameters += elements;
      bytes += view.bytes().byteSize();
      groups.merge(
          ParameterGroups.of(view.name()),
          new Group(1, elements),
          (one, other) ->
              new Group(one.tensors() + other.tensors(), one.parameters() + other.parameters()));
      dtypes.merge(view.dtype(), 1, Integer::sum);
    }
    return new Inspection(views.size(), parameters, bytes, groups, dtypes);
  }

  void putInto(ObjectNode json) {
    json.put("tensors", tensors).put("parameters", parameters).put("bytes", bytes);
    ObjectNode byGroup = json.putObject("groups");
    groups.forEach((name, group) ->
        byGroup
            .putObject(name)
            .put("tensors", group.tensors())
            .put("parameters", group.parameters()));
    ObjectNode byType = json.putObject("dtypes");
    dtypes.forEach((dtype, count) -> byType.put(dtype.name(), count));
  }

  static void putTensors(ArrayNode array, Collection<TensorView> views) {
    for (TensorView view : views) {
      ObjectNode tensor = array.addObject();
      tensor.put("name", view.name()).put("dtype", view.dtype().name());
      ArrayNode shape = tensor.putArray("shape");
      for (long extent : view.shape().extents()) {
        shape.add(extent);
      }
    }
  }

  /** Such as {@code F16} or {@code F16 (120), F32 (4)}. */
  String types() {
    if (dtypes.size() == 1) {
      return dtypes.keySet().iterator().next().name();
    }
    StringBuilder text = new StringBuilder();
    dtypes.forEach((dtype, count) ->
        text.append(text.isEmpty() ? "" : ", ")
            .append(dtype)
            .append(" (")
            .append(count)
            .append(")"));
    return text.toString();
  }
}
