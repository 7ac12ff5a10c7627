// The key and value projections of cross-attention: everything that reads the text embedding.
package io.lethe.erase.closed;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.backend.Parallel;
import io.lethe.erase.dense.Matrix;
import io.lethe.erase.dense.Products;
import io.lethe.weights.Checkpoint;
import io.lethe.weights.TensorView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;

/**
 * The matrices {@code W_l [outputs, width]} of {@code attn2.to_k} and {@code attn2.to_v}, read from
 * their file when they are needed and never held all at once in double.
 *
 * <p>{@code S = sum_l s_l W_l^T W_l} measures embeddings by what the model makes of them: {@code
 * x^T S x} is the energy of all keys and values of x. {@code s_l} is 1, or {@code 1 / ||W_l||^2} so
 * that wide layers do not rule.
 */
public final class Projections {
  private static final int CHUNK_ROWS = 32;

  /** Up to so many rows, packing a projection for a product costs more than it saves. */
  static final int FEW_ROWS = 8;

  /** Rows of neighbouring projections that S is summed over at once. */
  private static final int STACKED_ROWS = 2560;

  /** One projection: its checkpoint name and its weight. */
  public record Projection(String name, TensorView weight) {
    int outputs() {
      return weight.shape().dim(0);
    }

    /** Rows {@code [from, from + count)}, one after the other. */
    float[] read(int from, int count) {
      int width = weight.shape().dim(1);
      float[] rows = new float[Math.multiplyExact(count, width)];
      weight.readFloats((long) from * width, rows, 0, rows.length);
      return rows;
    }
  }

  private final List<Projection> projections;
  private final int width;
  private final Parallel threads;
  private final Products products;
  private final double[] scales;
  private Matrix gram;

  private Projections(List<Projection> projections, Parallel threads, boolean equalLayers) {
    if (projections.isEmpty()) {
      throw new UserError("the unet has no key or value projection in any cross-attention");
    }
    this.projections = List.copyOf(projections);
    this.threads = threads;
    this.products = new Products(threads);
    this.width = projections.getFirst().weight().shape().dim(1);
    for (Projection projection : projections) {
      if (projection.weight().shape().rank() != 2 || projection.weight().shape().dim(1) != width) {
        throw new UserError(
            projection.name()
                + " has the shape "
                + projection.weight().shape()
                + ", not that of a projection from "
                + width
                + " numbers");
      }
    }
    this.scales = new double[projections.size()];
    for (int l = 0; l < scales.length; l++) {
      scales[l] = equalLayers ? 1 / squaredNorm(projections.get(l)) : 1;
    }
  }

  /** All key and value projections of a UNet's cross-attention. */
  public static Projections of(Checkpoint unet, Parallel threads, boolean equalLayers) {
    return of(unet.tensors().values(), name -> true, threads, equalLayers);
  }

  /**
   * Those among the tensors that are key or value projections of cross-attention and wanted.
   *
   * @throws UserError if there is none, or they do not read equal embeddings
   */
  public static Projections of(
      Collection<TensorView> tensors,
      Predicate<String> wanted,
      Parallel threads,
      boolean equalLayers) {
    List<Projection> found = new ArrayList<>();
    for (TensorView view : tensors) {
      if (isProjection(view.name()) && wanted.test(view.name())) {
        found.add(new Projection(view.name(), view));
      }
    }
    return new Projections(found, threads, equalLayers);
  }

  /** Whether a tensor of this name reads the text embedding. */
  public static boolean isProjection(String name) {
    return name.endsWith(".attn2.to_k.weight") || name.endsWith(".attn2.to_v.weight");
  }

  /** Numbers of an embedding. */
  public int width() {
    return width;
  }

  public List<Projection> list() {
    return projections;
  }

  public List<String> names() {
    return projections.stream().map(Projection::name).toList();
  }

  public Products products() {
    return products;
  }

  public Parallel threads() {
    return threads;
  }

  /** {@code s_l}, by the order of {@link #list}. */
  public double scale(int projection) {
    return scales[projection];
  }

  /** A whole projection in double, {@code [outputs, width]}. */
  public Matrix read(Projection projection) {
    Matrix result = Matrix.zeros(projection.outputs(), width);
    read(projection, 1, result, 0);
    return result;
  }

  /** A projection times a factor, into the rows of a matrix from {@code row} on. */
  void read(Projection projection, double factor, Matrix target, int row) {
    chunks(
        projection.outputs(),
        (from, count) ->
            WideSums.widen(
                projection.read(from, count), factor, target.values(), (row + from) * width));
  }

  /** S, {@code [width, width]}; computed once. */
  public Matrix gram() {
    if (gram == null) {
      Matrix sum = Matrix.zeros(width, width);
      // neighbours stand above each other: fewer and longer sums, in the same memory
      Matrix stacked = Matrix.zeros(0, width);
      for (int l = 0; l < projections.size(); ) {
        int rows = 0;
        int last = l;
        while (last < projections.size()
            && (last == l || rows + projections.get(last).outputs() <= STACKED_ROWS)) {
          rows += projections.get(last++).outputs();
        }
        stacked = stacked.rows() == rows ? stacked : Matrix.zeros(rows, width);
        for (int row = 0; l < last; l++) {
          read(projections.get(l), Math.sqrt(scales[l]), stacked, row);
          row += projections.get(l).outputs();
        }
        products.addGram(stacked, sum);
      }
      gram = sum;
    }
    return gram;
  }

  /**
   * {@code x^T S x} of every row. A few rows are sent through the projections themselves, which is
   * cheaper than S; more use S.
   */
  public double[] energies(Matrix rows) {
    double[] energies = new double[rows.rows()];
    if (usesGram(rows)) {
      Matrix images = products.product(rows, gram());
      for (int i = 0; i < energies.length; i++) {
        energies[i] = Math.max(0, rows.rows(i, i + 1).dot(images.rows(i, i + 1)));
      }
      return energies;
    }
    for (int l = 0; l < projections.size(); l++) {
      Matrix outputs = outputs(projections.get(l), rows);
      for (int i = 0; i < energies.length; i++) {
        energies[i] += scales[l] * squaredNorm(outputs, i);
      }
    }
    return energies;
  }

  /**
   * What embeddings are measured by for one projection alone: {@code (1 - share) S + share (tr S /
   * tr S_l) S_l} with {@code S_l = W_l^T W_l}.
   *
   * @param share from 0 to below 1: a projection with fewer outputs than inputs has no measure of
   *     its own for every embedding
   */
  public Matrix metric(Projection projection, double share) {
    Matrix own = Matrix.zeros(width, width);
    products.addGram(read(projection), own);
    return gram().times(1 - share).combine(own, share * gram().trace() / own.trace());
  }

  /** Whether S is there, so that it costs nothing. */
  boolean knowsGram() {
    return gram != null;
  }

  /** Whether S is there, or so many rows are worth it. */
  private boolean usesGram(Matrix rows) {
    return knowsGram() || rows.rows() > width / 8;
  }

  /** The sum of {@link #energies}. */
  public double energy(Matrix rows) {
    double sum = 0;
    for (double energy : energies(rows)) {
      sum += energy;
    }
    return sum;
  }

  /**
   * The {@link #energy} of each of many matrices, from a few large products in place of one small
   * one each, which would pack S anew.
   */
  public double[] energies(List<Matrix> parts) {
    double[] sums = new double[parts.size()];
    for (int first = 0; first < sums.length; ) {
      int last = first;
      int rows = 0;
      while (last < sums.length
          && (last == first || rows + parts.get(last).rows() <= STACKED_ROWS)) {
        rows += parts.get(last++).rows();
      }
      double[] energies = energies(Matrix.stack(parts.subList(first, last), width));
      int row = 0;
      for (; first < last; first++) {
        for (int i = 0; i < parts.get(first).rows(); i++) {
          sums[first] += energies[row++];
        }
      }
    }
    return sums;
  }

  /** {@code rows W_l^T}: {@code [n, outputs]}. */
  public Matrix outputs(Projection projection, Matrix rows) {
    int outputs = projection.outputs();
    int n = rows.rows();
    if (n > FEW_ROWS) {
      return products.productTransposed(rows, read(projection));
    }
    Matrix result = Matrix.zeros(n, outputs);
    chunks(
        outputs,
        (from, count) -> {
          float[] chunk = projection.read(from, count);
          for (int r = 0; r < count; r++) {
            for (int i = 0; i < n; i++) {
              double image = WideSums.dot(chunk, r * width, rows.values(), i * width, width);
              result.set(i, from + r, image);
            }
          }
        });
    return result;
  }

  /** The part of {@link #energy} that one projection has. */
  double energy(int projection, Matrix rows) {
    Matrix outputs = outputs(projections.get(projection), rows);
    return scales[projection] * outputs.dot(outputs);
  }

  private double squaredNorm(Projection projection) {
    Matrix weight = read(projection);
    double sum = weight.dot(weight);
    if (!(sum > 0)) {
      throw new LetheException(projection.name() + " is zero");
    }
    return sum;
  }

  private static double squaredNorm(Matrix matrix, int row) {
    Matrix values = matrix.rows(row, row + 1);
    return values.dot(values);
  }

  /** Some neighbouring rows. */
  interface Chunk {
    void run(int from, int count);
  }

  /** Runs the body over all rows, some neighbours at a time, on all threads. */
  void chunks(int rows, Chunk body) {
    threads.run(
        (rows + CHUNK_ROWS - 1) / CHUNK_ROWS,
        task -> body.run(task * CHUNK_ROWS, Math.min(CHUNK_ROWS, rows - task * CHUNK_ROWS)));
  }
}
