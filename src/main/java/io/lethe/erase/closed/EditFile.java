// An edit as a small file of its own.
package io.lethe.erase.closed;

import io.lethe.UserError;
import io.lethe.erase.dense.Matrix;
import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.weights.Printable;
import io.lethe.weights.SafeTensorsException;
import io.lethe.weights.SafeTensorsFile;
import io.lethe.weights.SafeTensorsWriter;
import io.lethe.weights.TensorEntry;
import io.lethe.weights.TensorSource;
import io.lethe.weights.TensorView;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The factors of an edit in F64, with what they belong to.
 *
 * <p>In the file, every distinct factor n is {@code n.left} and {@code n.right} {@code [k, width]},
 * or {@code n.square} {@code [width, width]} where the pairs would take as much room; the metadata
 * {@code factor.PROJECTION} says which number a projection has. Factors of one width only.
 *
 * @param edit the factors by projection
 * @param textEncoder hash of the text encoder's tensors whose embeddings the edit is made for
 * @param base hash of the projections' tensors that it was made on
 * @param method how it was made
 * @param concepts what it erases, one a line in the file
 */
public record EditFile(
    CrossAttentionEdit edit,
    String textEncoder,
    String base,
    String method,
    List<String> concepts) {
  private static final String FORMAT = "lethe-edit-1";
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
  private static final int LARGEST_WIDTH = 1 << 14;
  private static final int LARGEST_TEXT = 1 << 16;

  public EditFile {
    concepts = List.copyOf(concepts);
  }

  /** Writes the file, in place of one that is there. @throws UserError if it cannot be written */
  public void write(Path target) {
    List<TensorEntry> entries = new ArrayList<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", FORMAT);
    metadata.put("text_encoder", textEncoder);
    metadata.put("base", base);
    metadata.put("method", method);
    metadata.put("concepts", String.join("\n", concepts));
    Map<RightFactor, Integer> numbers = new IdentityHashMap<>();
    for (RightFactor factor : edit.distinct()) {
      int number = numbers.size();
      numbers.put(factor, number);
      if (2 * factor.pairs() >= factor.width()) {
        entries.add(entry(number + ".square", square(factor)));
      } else {
        entries.add(entry(number + ".left", factor.left()));
        entries.add(entry(number + ".right", factor.right()));
      }
    }
    edit.factors()
        .forEach((name, factor) ->
            metadata.put("factor." + name, Integer.toString(numbers.get(factor))));
    SafeTensorsWriter.write(target, entries, metadata);
  }

  private static Matrix square(RightFactor factor) {
    return factor.matrix(new io.lethe.erase.dense.Products(io.lethe.backend.Parallel.ALONE));
  }

  private static TensorEntry entry(String name, Matrix matrix) {
    return new TensorEntry(
        name,
        DType.F64,
        Shape.of(matrix.rows(), matrix.columns()),
        new TensorSource.Doubles(matrix.values()));
  }

  /**
   * Reads and checks a file; it is untrusted input.
   *
   * @throws UserError naming the file and what is wrong with it
   */
  public static EditFile read(Path path) {
    try (Arena arena = Arena.ofConfined()) {
      SafeTensorsFile file = SafeTensorsFile.open(path, arena);
      Map<String, String> metadata = file.metadata();
      if (!FORMAT.equals(metadata.get("format"))) {
        throw new UserError(
            quoted(path) + " is no edit of Lethe: its metadata lacks format " + FORMAT);
      }
      String textEncoder = hash(path, metadata, "text_encoder");
      String base = hash(path, metadata, "base");
      String method = text(path, metadata, "method");
      List<String> concepts = List.of(text(path, metadata, "concepts").split("\n"));
      Map<String, RightFactor> byNumber = new LinkedHashMap<>();
      Map<String, RightFactor> factors = new LinkedHashMap<>();
      for (Map.Entry<String, String> item : metadata.entrySet()) {
        if (item.getKey().startsWith("factor.")) {
          String projection = item.getKey().substring("factor.".length());
          if (!Projections.isProjection(projection)) {
            throw new UserError(
                quoted(path)
                    + " edits "
                    + Printable.quote(projection)
                    + ", which is no key or value projection of cross-attention");
          }
          String number = item.getValue();
          if (!byNumber.containsKey(number)) {
            byNumber.put(number, factor(path, file, number));
          }
          factors.put(projection, byNumber.get(number));
        }
      }
      requireComplete(path, file, byNumber);
      return new EditFile(new CrossAttentionEdit(factors), textEncoder, base, method, concepts);
    }
  }

  private static void requireComplete(
      Path path, SafeTensorsFile file, Map<String, RightFactor> factors) {
    if (factors.isEmpty()) {
      throw new UserError(quoted(path) + " edits no projection");
    }
    int width = factors.values().iterator().next().width();
    for (RightFactor factor : factors.values()) {
      if (factor.width() != width) {
        throw new UserError(
            quoted(path) + " has factors of width " + width + " and of " + factor.width());
      }
    }
    for (String name : file.tensors().keySet()) {
      int dot = name.indexOf('.');
      String part = name.substring(dot + 1);
      boolean known =
          dot > 0
              && factors.containsKey(name.substring(0, dot))
              && List.of("left", "right", "square").contains(part);
      if (!known) {
        throw new UserError(
            quoted(path) + " has a tensor that no projection uses: " + Printable.quote(name));
      }
    }
  }

  private static RightFactor factor(Path path, SafeTensorsFile file, String number) {
    if (!number.matches("[0-9]{1,4}")) {
      throw new UserError(
          quoted(path) + ": " + Printable.quote(number) + " cannot be the number of a factor");
    }
    if (file.tensors().containsKey(number + ".square")) {
      Matrix square = matrix(file, number + ".square");
      if (square.rows() != square.columns()
          || file.tensors().containsKey(number + ".left")
          || file.tensors().containsKey(number + ".right")) {
        throw new UserError(quoted(path) + ": factor " + number + " is not one square");
      }
      return RightFactor.dense(square);
    }
    Matrix left = matrix(file, number + ".left");
    Matrix right = matrix(file, number + ".right");
    if (left.rows() != right.rows() || left.columns() != right.columns()) {
      throw new UserError(quoted(path) + ": the two parts of factor " + number + " do not fit");
    }
    return new RightFactor(left, right);
  }

  private static Matrix matrix(SafeTensorsFile file, String name) {
    TensorView view = file.tensor(name);
    Shape shape = view.shape();
    if (view.dtype() != DType.F64
        || shape.rank() != 2
        || shape.dim(0) > LARGEST_WIDTH
        || shape.dim(1) > LARGEST_WIDTH
        || shape.dim(1) == 0) {
      throw new SafeTensorsException(
          view.file(),
          name,
          view.offset(),
          "has type %s and shape %s; an edit has F64 matrices".formatted(view.dtype(), shape));
    }
    double[] values = view.toDoubles();
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        throw new SafeTensorsException(
            view.file(), name, view.offset() + 8L * i, "holds a number that is not finite");
      }
    }
    return new Matrix(shape.dim(0), shape.dim(1), values);
  }

  private static String hash(Path path, Map<String, String> metadata, String key) {
    String text = text(path, metadata, key);
    if (!HASH.matcher(text).matches()) {
      throw new UserError(quoted(path) + ": the metadata's " + key + " is no SHA-256");
    }
    return text;
  }

  private static String text(Path path, Map<String, String> metadata, String key) {
    String text = metadata.get(key);
    if (text == null || text.isEmpty() || text.length() > LARGEST_TEXT) {
      throw new UserError(quoted(path) + ": the metadata has no " + key + " of a sensible length");
    }
    return text;
  }

  private static String quoted(Path path) {
    return Printable.quote(path.toString());
  }
}
