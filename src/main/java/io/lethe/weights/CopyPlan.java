// Which files of a model folder an edited copy takes over.
package io.lethe.weights;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Every file of the base, sorted into three.
 *
 * <p>Files with weights that are rewritten appear in neither map.
 *
 * @param copied to be copied byte for byte, by the name relative to the base
 * @param leftOut not to be copied, with the reason
 */
record CopyPlan(Map<String, Path> copied, Map<String, String> leftOut) {

  static CopyPlan of(ModelFolder base, Set<String> rewritten) {
    Sorting sorting = new Sorting(base, rewritten);
    try {
      Files.walkFileTree(
          base.path(), EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, sorting);
    } catch (IOException failure) {
      throw Failure.reading(base.path(), failure);
    }
    return new CopyPlan(sorting.copied, sorting.leftOut);
  }

  private static final class Sorting extends SimpleFileVisitor<Path> {
    private final Path root;
    private final boolean pipeline;
    private final Set<Path> replaced = new HashSet<>();
    private final Set<Path> editedFolders = new HashSet<>();
    private final Map<String, Path> copied = new TreeMap<>();
    private final Map<String, String> leftOut = new TreeMap<>();

    Sorting(ModelFolder base, Set<String> rewritten) {
      root = base.path();
      pipeline = base.isPipeline();
      for (String component : rewritten) {
        replaced.addAll(base.weights(component).files());
        base.weights(component).index().ifPresent(replaced::add);
        editedFolders.add(base.folder(component));
      }
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      if (!folder.equals(root) && folder.getFileName().toString().startsWith(".")) {
        leftOut.put(root.relativize(folder).toString(), "a hidden folder");
        return FileVisitResult.SKIP_SUBTREE;
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (replaced.contains(file)) {
        return FileVisitResult.CONTINUE;
      }
      String relative = root.relativize(file).toString();
      boolean weights = WeightFiles.looksLikeWeights(file.getFileName().toString());
      if (weights && editedFolders.contains(file.getParent())) {
        leftOut.put(relative, "other weights of an edited component");
      } else if (weights && pipeline && file.getParent().equals(root)) {
        leftOut.put(relative, "a checkpoint with the unedited weights");
      } else {
        copied.put(relative, file);
      }
      return FileVisitResult.CONTINUE;
    }
  }
}
