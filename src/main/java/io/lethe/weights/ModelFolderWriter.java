// A complete copy of a model folder with edited weights.
package io.lethe.weights;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.tensor.DType;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Copies a model and replaces tensors on the way.
 *
 * <p>All other files are copied byte for byte, except those that would bring back the unedited
 * weights: other formats and variants in the folder of an edited component, and whole checkpoints
 * beside model_index.json. They are left out and reported.
 */
public final class ModelFolderWriter {
  private ModelFolderWriter() {}

  /**
   * What was written.
   *
   * @param folder the new model
   * @param rounding how much of the edit the types on disk have lost
   * @param leftOut files of the base, relative to it, that the copy lacks, with the reason
   */
  public record Written(Path folder, RoundingLoss rounding, Map<String, String> leftOut) {}

  /**
   * Writes the edited model beside the target and moves it there.
   *
   * @param edits for each edited component the new values by canonical name, in the checkpoint's
   *     own layout
   * @param dtype the type of all weights of unet, vae and text_encoder; without it each tensor
   *     keeps its own
   * @throws UserError if the target exists or lies in the base, or writing fails; the target then
   *     does not exist and nothing is left behind
   * @throws LetheException if an edit has no counterpart of its size in the base
   */
  public static Written write(
      ModelFolder base,
      Path target,
      Map<String, Map<String, float[]>> edits,
      Optional<DType> dtype) {
    Set<String> rewritten = rewritten(base, edits, dtype);
    CopyPlan plan = CopyPlan.of(base, rewritten);
    refuseInside(base.path(), target);
    RoundingLoss rounding = RoundingLoss.NONE;
    try (StagedFolder staged = StagedFolder.create(target)) {
      for (Map.Entry<String, Path> file : plan.copied().entrySet()) {
        copy(file.getValue(), staged.path().resolve(file.getKey()));
      }
      for (String component : rewritten) {
        Map<String, float[]> edit = edits.getOrDefault(component, Map.of());
        Path folder = base.isPipeline() ? staged.path().resolve(component) : staged.path();
        Files.createDirectories(folder);
        base.weights(component).writeEdited(folder, edit, dtype);
        rounding = rounding.plus(loss(base.weights(component), edit, dtype));
      }
      staged.commit();
    } catch (IOException failure) {
      throw Failure.writing(target, failure);
    }
    return new Written(target, rounding, plan.leftOut());
  }

  /** Bytes that a copy with weights of this type takes on disk. */
  public static long bytesNeeded(ModelFolder base, Set<String> edited, Optional<DType> dtype) {
    Map<String, Map<String, float[]>> edits = new LinkedHashMap<>();
    edited.forEach(component -> edits.put(component, Map.of()));
    Set<String> rewritten = rewritten(base, edits, dtype);
    try {
      long bytes = 0;
      for (Path file : CopyPlan.of(base, rewritten).copied().values()) {
        bytes += Files.size(file);
      }
      for (String component : rewritten) {
        Checkpoint weights = base.weights(component);
        for (TensorView view : weights.tensors().values()) {
          bytes += view.shape().elements() * weights.storedType(view.name(), dtype).bits() / 8;
        }
      }
      return bytes;
    } catch (IOException failure) {
      throw Failure.reading(base.path(), failure);
    }
  }

  private static Set<String> rewritten(
      ModelFolder base, Map<String, Map<String, float[]>> edits, Optional<DType> dtype) {
    Set<String> rewritten = new TreeSet<>(edits.keySet());
    if (dtype.isPresent()) {
      rewritten.addAll(base.weightedComponents());
    }
    return rewritten;
  }

  private static void refuseInside(Path root, Path target) {
    try {
      Path parent = target.toAbsolutePath().normalize().getParent();
      while (parent != null && !Files.exists(parent)) {
        parent = parent.getParent();
      }
      if (parent != null && parent.toRealPath().startsWith(root.toRealPath())) {
        throw new UserError(
            "%s lies in the model folder %s; name a place outside of it"
                .formatted(Printable.quote(target.toString()), Printable.quote(root.toString())));
      }
    } catch (IOException failure) {
      throw Failure.reading(root, failure);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    AtomicFile.write(
        to,
        out -> {
          try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ)) {
            long size = in.size();
            for (long done = 0; done < size; ) {
              long moved = in.transferTo(done, size - done, out);
              if (moved <= 0) {
                throw new IOException(from + " became shorter while it was copied");
              }
              done += moved;
            }
          }
        });
  }

  private static RoundingLoss loss(
      Checkpoint weights, Map<String, float[]> edit, Optional<DType> dtype) {
    RoundingLoss loss = RoundingLoss.NONE;
    for (Map.Entry<String, float[]> tensor : new TreeMap<>(edit).entrySet()) {
      float[] base = weights.tensors().get(tensor.getKey()).toFloats();
      DType stored = weights.storedType(tensor.getKey(), dtype);
      loss = loss.plus(RoundingLoss.of(base, tensor.getValue(), stored));
    }
    return loss;
  }
}
