// The weights of one component: the union of its files, under canonical names.
package io.lethe.weights;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Tensors by the names that models ask for ({@link NameMap}), in the order of the files.
 *
 * <p>It remembers what was asked for, so that tensors which no model wanted can be reported; and it
 * remembers the files' own names, so that an edited copy can keep them.
 */
public final class Checkpoint {
  /** From so many bytes on, all processors look at them. */
  private static final long WORTH_SHARING = 64L << 20;

  private final WeightFiles origin;
  private final NameMap nameMap;
  private final List<SafeTensorsFile> files;
  private final Map<String, TensorView> tensors;
  private final Set<String> asked = ConcurrentHashMap.newKeySet();

  private Checkpoint(
      WeightFiles origin,
      NameMap nameMap,
      List<SafeTensorsFile> files,
      Map<String, TensorView> tensors) {
    this.origin = origin;
    this.nameMap = nameMap;
    this.files = files;
    this.tensors = Collections.unmodifiableMap(tensors);
  }

  /**
   * Opens the weights in a component's folder: {@code diffusion_pytorch_model} or {@code model},
   * one file or shards with an index, full precision preferred to the variants fp16, bf16, fp32.
   *
   * @throws UserError if there are none, or only pickles, or two tensors claim one name
   */
  public static Checkpoint open(Path folder, NameMap nameMap, Arena arena) {
    return open(WeightFiles.choose(folder), nameMap, arena);
  }

  /** Opens one file, whatever its name. @throws UserError as for a folder */
  public static Checkpoint openFile(Path file, NameMap nameMap, Arena arena) {
    return open(WeightFiles.single(file), nameMap, arena);
  }

  private static Checkpoint open(WeightFiles origin, NameMap nameMap, Arena arena) {
    List<SafeTensorsFile> files = new ArrayList<>();
    Map<String, TensorView> tensors = new LinkedHashMap<>();
    for (Path path : origin.files()) {
      SafeTensorsFile file = SafeTensorsFile.open(path, arena);
      files.add(file);
      for (TensorView view : file.tensors().values()) {
        if (nameMap.isRedundant(view.name())) {
          continue;
        }
        String canonical = nameMap.canonical(view.name());
        Shape shape = nameMap.canonicalShape(canonical, view.shape());
        TensorView other = tensors.put(canonical, view.as(canonical, shape));
        if (other != null) {
          throw new SafeTensorsException(
              path,
              view.name(),
              view.offset(),
              "a second tensor for %s, which is in %s already"
                  .formatted(Printable.quote(canonical), Printable.quote(other.file().toString())));
        }
      }
    }
    checkIndex(origin, files);
    return new Checkpoint(origin, nameMap, List.copyOf(files), tensors);
  }

  private static void checkIndex(WeightFiles origin, List<SafeTensorsFile> files) {
    origin
        .shardOf()
        .forEach((name, path) -> {
          SafeTensorsFile shard = files.get(origin.files().indexOf(path));
          if (!shard.tensors().containsKey(name)) {
            throw new SafeTensorsException(
                path,
                name,
                -1,
                "the index %s says that this file has the tensor, but it has not"
                    .formatted(Printable.quote(origin.index().orElseThrow().toString())));
          }
        });
  }

  /** Every canonical name, in the order of the files. */
  public Set<String> names() {
    return tensors.keySet();
  }

  /** Every tensor without counting as having asked for it, as a listing needs. */
  public Map<String, TensorView> tensors() {
    return tensors;
  }

  public boolean has(String name) {
    return tensors.containsKey(name);
  }

  /**
   * The tensor of this canonical name. @throws UserError naming file and tensor if there is none
   */
  public TensorView get(String name) {
    return find(name)
        .orElseThrow(() ->
            new SafeTensorsException(
                origin.index().orElse(origin.files().getFirst()),
                name,
                -1,
                "the model needs this tensor, and the file has none of that name"));
  }

  /**
   * The tensor of this canonical name and shape.
   *
   * @throws UserError naming file, tensor and both shapes if it has another
   */
  public TensorView get(String name, Shape shape) {
    TensorView view = get(name);
    if (!view.shape().equals(shape)) {
      throw new SafeTensorsException(
          view.file(),
          name,
          view.offset(),
          "has shape " + view.shape() + ", but the config asks for " + shape);
    }
    return view;
  }

  /** The tensor of this canonical name, if the files have it. */
  public Optional<TensorView> find(String name) {
    asked.add(name);
    return Optional.ofNullable(tensors.get(name));
  }

  /** The canonical names that nobody has asked for, in the order of the files. */
  public List<String> neverAsked() {
    return tensors.keySet().stream().filter(name -> !asked.contains(name)).toList();
  }

  /**
   * Reads everything once.
   *
   * @throws SafeTensorsException naming the first tensor of floats that holds a NaN or an infinity
   */
  public void requireFinite() {
    long bytes = tensors.values().stream().mapToLong(view -> view.bytes().byteSize()).sum();
    Stream<TensorView> views = tensors.values().stream();
    (bytes >= WORTH_SHARING ? views.parallel() : views)
        .filter(view -> view.dtype().isFloat())
        .map(Checkpoint::damage)
        .flatMap(Optional::stream)
        .findFirst() // in the order of the tensors, whichever thread finds one first
        .ifPresent(damage -> {
          throw damage;
        });
  }

  private static Optional<SafeTensorsException> damage(TensorView view) {
    long index = view.firstNotFinite();
    return index < 0
        ? Optional.empty()
        : Optional.of(
            new SafeTensorsException(
                view.file(),
                view.name(),
                view.offset() + index * view.dtype().bytes(),
                "holds a NaN or an infinity at index " + index + "; the model is damaged"));
  }

  /** The files, as they were opened. */
  public List<Path> files() {
    return origin.files();
  }

  /** The index of the shards, if the weights are sharded. */
  public Optional<Path> index() {
    return origin.index();
  }

  /** The type in which a copy would store this tensor. */
  DType storedType(String name, Optional<DType> dtype) {
    DType own = tensors.get(name).dtype();
    return own.isFloat() ? dtype.orElse(own) : own;
  }

  /**
   * Writes a copy into a folder: the same file names, tensor names, order, metadata and unknown
   * tensors, with other values for some.
   *
   * @param replacements new values by canonical name, in the checkpoint's own layout
   * @param dtype the type of every tensor of floats; without it each keeps its own
   * @throws UserError if it cannot be written
   * @throws LetheException if a replacement has no counterpart of its size here
   */
  public void writeEdited(Path folder, Map<String, float[]> replacements, Optional<DType> dtype) {
    replacements.forEach(this::checkReplacement);
    long totalSize = 0;
    for (SafeTensorsFile file : files) {
      Map<String, TensorEntry> entries = new LinkedHashMap<>();
      for (TensorView view : file.tensors().values()) {
        TensorEntry entry = edited(view, replacements, dtype);
        entries.put(view.name(), entry);
        totalSize += entry.byteSize();
      }
      List<TensorEntry> dataOrder =
          file.tensors().values().stream()
              .sorted(
                  Comparator.comparingLong(TensorView::offset)
                      .thenComparingLong(view -> view.bytes().byteSize()))
              .map(view -> entries.get(view.name()))
              .toList();
      SafeTensorsWriter.write(
          folder.resolve(file.path().getFileName()),
          List.copyOf(entries.values()),
          dataOrder,
          file.metadata());
    }
    if (origin.index().isPresent()) {
      ShardIndex.writeCopy(origin.index().get(), folder, totalSize);
    }
  }

  private TensorEntry edited(
      TensorView view, Map<String, float[]> replacements, Optional<DType> dtype) {
    float[] values =
        nameMap.isRedundant(view.name()) ? null : replacements.get(nameMap.canonical(view.name()));
    DType type = view.dtype().isFloat() ? dtype.orElse(view.dtype()) : view.dtype();
    if (values != null) {
      return TensorEntry.of(view.name(), type, view.shape(), values);
    }
    if (type == view.dtype()) {
      return TensorEntry.of(view);
    }
    TensorSource.Fill converted =
        (first, target, count) -> view.readFloats(first, target, 0, count);
    return new TensorEntry(view.name(), type, view.shape(), new TensorSource.Computed(converted));
  }

  private void checkReplacement(String name, float[] values) {
    TensorView view = tensors.get(name);
    if (view == null || !view.dtype().isFloat() || view.shape().elements() != values.length) {
      throw new LetheException(
          "%d values for tensor %s, which %s"
              .formatted(
                  values.length,
                  Printable.quote(name),
                  view == null ? "is not there" : "is " + view.dtype() + " " + view.shape()));
    }
  }
}
