// Hands out the parameters of one component, and forks a trainable copy of some of them.
package io.lethe.nn;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import io.lethe.weights.TensorView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The parameters of one component (a UNet, a text encoder) by checkpoint name.
 *
 * <p>A model asks for each parameter with the shape that its configuration implies; a file that
 * disagrees is refused. {@link #fork} makes the store of a student: selected parameters become
 * trainable copies, all others are the very same objects as the frozen model's, so that memory
 * holds them, and their packed form, once.
 */
public final class ParameterStore {
  private final DType computeType;
  private final WeightLookup lookup;
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();

  /**
   * An empty store.
   *
   * @param computeType F32, or F64 for the reference backend
   */
  public ParameterStore(DType computeType, WeightLookup lookup) {
    this.computeType = computeType;
    this.lookup = lookup;
  }

  /** The root path of this store's names. */
  public ParameterPath root() {
    return new ParameterPath(this, "");
  }

  /** The parameter of this name, checked against the shape that the model expects. */
  Parameter get(String name, Shape shape, boolean inMemory) {
    Parameter known = parameters.get(name);
    if (known == null) {
      known = Parameter.frozen(name, load(name, shape, inMemory));
      parameters.put(name, known);
    }
    if (!known.data().shape().equals(shape)) {
      throw new LetheException(
          "parameter '" + name + "' is asked for as " + shape + " and is " + known.data());
    }
    return known;
  }

  private Tensor load(String name, Shape shape, boolean inMemory) {
    TensorView view = lookup.tensor(name, shape);
    if (!squeezed(view.shape()).equals(squeezed(shape))) {
      throw new UserError(
          view.file()
              + ": tensor '"
              + name
              + "' is "
              + view.shape()
              + ", but config.json implies "
              + shape);
    }
    if (!view.dtype().isFloat()) {
      throw new UserError(
          view.file() + ": tensor '" + name + "' is " + view.dtype() + ", not a real type");
    }
    if (inMemory || shape.rank() < 2) {
      return inMemory(name, shape, view);
    }
    return Tensor.mapped(name, shape, view.dtype(), view.bytes());
  }

  private Tensor inMemory(String name, Shape shape, TensorView view) {
    return computeType == DType.F32
        ? Tensor.of(name, shape, view.toFloats())
        : Tensor.of(name, shape, view.toDoubles());
  }

  /**
   * Without trailing ones: a 1x1 convolution {@code [k, c, 1, 1]} and a linear layer {@code [k, c]}
   * are one layout.
   */
  private static Shape squeezed(Shape shape) {
    long[] extents = shape.extents();
    int rank = extents.length;
    while (rank > 0 && extents[rank - 1] == 1) {
      rank--;
    }
    return Shape.of(Arrays.copyOf(extents, rank));
  }

  /**
   * The store of a student: parameters whose name is selected become trainable masters, copied from
   * this store's values.
   *
   * @throws UserError when nothing is selected
   */
  public ParameterStore fork(Predicate<String> selector) {
    ParameterStore student = new ParameterStore(computeType, lookup);
    int selected = 0;
    for (Parameter parameter : parameters.values()) {
      if (selector.test(parameter.name())) {
        selected++;
        student.parameters.put(parameter.name(), trainableCopy(parameter));
      } else {
        student.parameters.put(parameter.name(), parameter);
      }
    }
    if (selected == 0) {
      throw new UserError("the selector matches none of the " + parameters.size() + " parameters");
    }
    return student;
  }

  private Parameter trainableCopy(Parameter parameter) {
    String name = parameter.name();
    Shape shape = parameter.data().shape();
    if (computeType == DType.F32) {
      float[] master =
          parameter.data().isMapped()
              ? lookup.tensor(name, shape).toFloats()
              : parameter.data().floats().clone();
      return Parameter.trainable(
          name, Tensor.of(name, shape, master), Tensor.of(name, shape, new float[shape.size()]));
    }
    double[] master =
        parameter.data().isMapped()
            ? lookup.tensor(name, shape).toDoubles()
            : parameter.data().doubles().clone();
    return Parameter.trainable(
        name, Tensor.of(name, shape, master), Tensor.of(name, shape, new double[shape.size()]));
  }

  /**
   * The same memory with nothing trainable: for reading a student without asking for its gradients.
   * It follows the student's updates.
   */
  public ParameterStore constantView() {
    ParameterStore view = new ParameterStore(computeType, lookup);
    for (Parameter parameter : parameters.values()) {
      view.parameters.put(
          parameter.name(),
          parameter.isTrainable()
              ? Parameter.frozen(parameter.name(), parameter.data())
              : parameter);
    }
    return view;
  }

  /** All parameters in the order in which the model asked for them. */
  public List<Parameter> parameters() {
    return List.copyOf(parameters.values());
  }

  /** The trainable ones among them. */
  public List<Parameter> trainable() {
    List<Parameter> result = new ArrayList<>();
    for (Parameter parameter : parameters.values()) {
      if (parameter.isTrainable()) {
        result.add(parameter);
      }
    }
    return result;
  }

  public DType computeType() {
    return computeType;
  }
}
