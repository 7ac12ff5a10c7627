// The backend of this machine's processor: checks the operands and hands their arrays to the
// kernels.
package io.lethe.backend.cpu;

import io.lethe.backend.Activation;
import io.lethe.backend.AttentionShape;
import io.lethe.backend.Backend;
import io.lethe.backend.ConvShape;
import io.lethe.backend.Parallel;
import io.lethe.tensor.Buffer;
import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Computes in F32 with the Vector API on a fixed set of threads. Results are the same bytes for any
 * number of threads at one vector width ({@code -Dlethe.vectorBits=128|256|512}).
 *
 * <p>One call at a time: scratch memory grows to the largest call and is reused. Operands that do
 * not fit raise a {@link io.lethe.LetheException} that names them.
 */
public final class Cpu implements Backend, AutoCloseable {
  private final WorkerPool pool;
  private final WeightPacks packs;
  private final Gemm gemm;
  private final Conv conv;
  private final GroupNorm groupNorm;
  private final LayerNorm layerNorm;
  private final Attention attention;
  private final AttentionBackward attentionBackward;
  private final AttentionProbabilities attentionProbabilities;
  private final Pointwise pointwise;
  private final PointwiseGeglu geglu;
  private final PointwiseBroadcast broadcast;
  private final ColumnSums columnSums;
  private final Movement movement;
  private final Embedding embedding = new Embedding();
  private final SquareSums squareSums;
  private final Losses losses;

  /** A backend with as many threads as the JVM has processors. */
  public Cpu() {
    this(Runtime.getRuntime().availableProcessors());
  }

  /**
   * @param threads how many threads compute, the caller's among them; at least 1
   */
  public Cpu(int threads) {
    if (!Boolean.getBoolean("lethe.shortRun")) {
      InlinedFunctions.request();
    }
    pool = new WorkerPool(threads);
    PackedScratch[] packed = PackedScratch.of(pool);
    packs = new WeightPacks();
    CacheSizes caches = CacheSizes.find();
    GemmProduct product = new GemmProduct(pool, packed, caches);
    WinogradProduct winograd = new WinogradProduct(pool, packed, caches);
    gemm = new Gemm(product, new GemmWeightGradient(pool, packed, caches), packs);
    conv =
        new Conv(
            product,
            gemm,
            winograd,
            new ConvWeightGradient(pool, packed),
            new WinogradWeightGradient(pool, packed),
            packs);
    groupNorm = new GroupNorm(pool);
    layerNorm = new LayerNorm(pool);
    AttentionScratch[] scratch = AttentionScratch.of(pool);
    attention = new Attention(pool, scratch);
    attentionBackward = new AttentionBackward(pool, scratch);
    attentionProbabilities = new AttentionProbabilities(pool, scratch);
    pointwise = new Pointwise(pool);
    geglu = new PointwiseGeglu(pool);
    broadcast = new PointwiseBroadcast(pool);
    columnSums = new ColumnSums(pool);
    movement = new Movement(pool);
    squareSums = new SquareSums(pool);
    losses = new Losses(pool, squareSums);
  }

  @Override
  public String name() {
    return "cpu-" + VectorSpecies.BITS;
  }

  @Override
  public long packedBytes() {
    return packs.usedBytes();
  }

  @Override
  public DType computeType() {
    return DType.F32;
  }

  /** How many threads compute. */
  public int threads() {
    return pool.threads();
  }

  @Override
  public Parallel parallel() {
    return (tasks, body) -> pool.run(tasks, (task, worker) -> body.accept(task));
  }

  /** Ends the threads; no call may follow. */
  @Override
  public void close() {
    pool.close();
  }

  // ---- matrix products

  @Override
  public void gemm(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      Tensor a,
      Tensor b,
      Tensor bias,
      Tensor c,
      boolean accumulate) {
    Operands operands = new Operands("gemm");
    if (m < 0 || n < 0 || k < 0) {
      throw operands.error("an extent is negative");
    }
    if (accumulate && bias != null) {
      throw operands.error("a bias cannot be added when accumulating");
    }
    operands.input("a", a, transposeA ? k : m, transposeA ? m : k);
    operands.weight("b", b, transposeB ? n : k, transposeB ? k : n);
    operands.optionalInput("bias", bias, n);
    operands.output("c", c, m, n);
    gemm.multiply(transposeA, transposeB, m, n, k, a, b, bias, c, accumulate);
  }

  // ---- convolution

  @Override
  public void conv2d(ConvShape shape, Tensor x, Tensor weight, Tensor bias, Tensor y) {
    Operands operands = new Operands("conv2d");
    requireInput(operands, shape, x);
    requireWeight(operands, shape, weight);
    operands.optionalInput("bias", bias, shape.filters());
    operands.output("y", y, outputPixels(shape), shape.filters());
    conv.forward(shape, x, weight, bias, y);
  }

  @Override
  public void conv2dInputGradient(ConvShape shape, Tensor dy, Tensor weight, Tensor dx) {
    Operands operands = new Operands("conv2dInputGradient");
    operands.input("dy", dy, outputPixels(shape), shape.filters());
    requireWeight(operands, shape, weight);
    operands.output("dx", dx, inputPixels(shape), shape.channels());
    conv.inputGradient(shape, dy, weight, dx);
  }

  @Override
  public void conv2dWeightGradient(ConvShape shape, Tensor dy, Tensor x, Tensor dw) {
    Operands operands = new Operands("conv2dWeightGradient");
    operands.input("dy", dy, outputPixels(shape), shape.filters());
    requireInput(operands, shape, x);
    operands.output("dw", dw, (long) shape.filters() * shape.taps());
    conv.weightGradient(shape, dy, x, dw);
  }

  private static void requireInput(Operands operands, ConvShape shape, Tensor x) {
    if (shape.outHeight() <= 0 || shape.outWidth() <= 0) {
      throw operands.error("the kernel is larger than the padded picture");
    }
    operands.input("x", x, inputPixels(shape), shape.channels());
  }

  private static void requireWeight(Operands operands, ConvShape shape, Tensor weight) {
    operands.weight("weight", weight, (long) shape.filters() * shape.taps());
  }

  private static long inputPixels(ConvShape shape) {
    return (long) shape.n() * shape.height() * shape.width();
  }

  private static long outputPixels(ConvShape shape) {
    return (long) shape.n() * shape.outHeight() * shape.outWidth();
  }

  // ---- normalisation

  @Override
  public void groupNorm(
      int groups,
      double eps,
      boolean silu,
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor y,
      Tensor mean,
      Tensor rstd) {
    Operands operands = new Operands("groupNorm");
    int n = samples(operands, x);
    int c = groupedChannels(operands, x, groups);
    groupNorm.forward(
        n,
        c,
        groups,
        eps,
        silu,
        operands.input("x", x, x.size()),
        operands.input("gamma", gamma, c),
        operands.input("beta", beta, c),
        operands.output("y", y, x.shape().rows(), c),
        operands.output("mean", mean, n, groups),
        operands.output("rstd", rstd, n, groups));
  }

  @Override
  public void groupNormBackward(
      int groups,
      boolean silu,
      Tensor dy,
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor mean,
      Tensor rstd,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    Operands operands = new Operands("groupNormBackward");
    int n = samples(operands, x);
    int c = groupedChannels(operands, x, groups);
    groupNorm.backward(
        n,
        c,
        groups,
        silu,
        operands.input("dy", dy, x.shape().rows(), c),
        operands.input("x", x, x.size()),
        operands.input("gamma", gamma, c),
        operands.input("beta", beta, c),
        operands.input("mean", mean, n, groups),
        operands.input("rstd", rstd, n, groups),
        operands.optionalOutput("dx", dx, x.shape().rows(), c),
        operands.optionalOutput("dgamma", dgamma, c),
        operands.optionalOutput("dbeta", dbeta, c));
  }

  private static int groupedChannels(Operands operands, Tensor x, int groups) {
    int c = x.shape().dim(-1);
    if (groups <= 0 || c % groups != 0) {
      throw operands.error(
          groups + " groups do not divide the " + c + " channels of x " + x.shape());
    }
    return c;
  }

  @Override
  public void layerNorm(
      double eps, Tensor x, Tensor gamma, Tensor beta, Tensor y, Tensor mean, Tensor rstd) {
    Operands operands = new Operands("layerNorm");
    int rows = x.shape().rows();
    int c = x.shape().dim(-1);
    layerNorm.forward(
        rows,
        c,
        eps,
        operands.input("x", x, rows, c),
        operands.input("gamma", gamma, c),
        operands.input("beta", beta, c),
        operands.output("y", y, rows, c),
        operands.output("mean", mean, rows),
        operands.output("rstd", rstd, rows));
  }

  @Override
  public void layerNormBackward(
      Tensor dy,
      Tensor x,
      Tensor gamma,
      Tensor mean,
      Tensor rstd,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    Operands operands = new Operands("layerNormBackward");
    int rows = x.shape().rows();
    int c = x.shape().dim(-1);
    layerNorm.backward(
        rows,
        c,
        operands.input("dy", dy, rows, c),
        operands.input("x", x, rows, c),
        operands.input("gamma", gamma, c),
        operands.input("mean", mean, rows),
        operands.input("rstd", rstd, rows),
        operands.optionalOutput("dx", dx, rows, c),
        operands.optionalOutput("dgamma", dgamma, c),
        operands.optionalOutput("dbeta", dbeta, c));
  }

  // ---- attention

  @Override
  public void attention(
      AttentionShape shape, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp) {
    Operands operands = new Operands("attention");
    attention.forward(
        shape,
        queries(operands, "q", shape, q),
        keys(operands, "k", shape, k),
        keys(operands, "v", shape, v),
        operands.output("out", out, queryRows(shape), shape.width()),
        operands.output("logSumExp", logSumExp, scoreRows(shape)));
  }

  @Override
  public void attentionBackward(
      AttentionShape shape,
      Tensor dout,
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor out,
      Tensor logSumExp,
      Tensor dq,
      Tensor dk,
      Tensor dv) {
    Operands operands = new Operands("attentionBackward");
    attentionBackward.run(
        shape,
        queries(operands, "dout", shape, dout),
        queries(operands, "q", shape, q),
        keys(operands, "k", shape, k),
        keys(operands, "v", shape, v),
        queries(operands, "out", shape, out),
        operands.input("logSumExp", logSumExp, scoreRows(shape)),
        operands.optionalOutput("dq", dq, queryRows(shape), shape.width()),
        operands.optionalOutput("dk", dk, keyRows(shape), shape.width()),
        operands.optionalOutput("dv", dv, keyRows(shape), shape.width()));
  }

  @Override
  public void attentionProbabilities(
      AttentionShape shape, Tensor q, Tensor k, Tensor probabilities) {
    Operands operands = new Operands("attentionProbabilities");
    attentionProbabilities.forward(
        shape,
        queries(operands, "q", shape, q),
        keys(operands, "k", shape, k),
        operands.output("probabilities", probabilities, scoreRows(shape), shape.keys()));
  }

  @Override
  public void attentionProbabilitiesBackward(
      AttentionShape shape,
      Tensor dprobabilities,
      Tensor q,
      Tensor k,
      Tensor probabilities,
      Tensor dq,
      Tensor dk) {
    Operands operands = new Operands("attentionProbabilitiesBackward");
    attentionProbabilities.backward(
        shape,
        operands.input("dprobabilities", dprobabilities, scoreRows(shape), shape.keys()),
        queries(operands, "q", shape, q),
        keys(operands, "k", shape, k),
        operands.input("probabilities", probabilities, scoreRows(shape), shape.keys()),
        operands.optionalOutput("dq", dq, queryRows(shape), shape.width()),
        operands.optionalOutput("dk", dk, keyRows(shape), shape.width()));
  }

  private static float[] queries(
      Operands operands, String role, AttentionShape shape, Tensor tensor) {
    return operands.input(role, tensor, queryRows(shape), shape.width());
  }

  private static float[] keys(Operands operands, String role, AttentionShape shape, Tensor tensor) {
    if (shape.keys() <= 0) {
      throw operands.error("there are no keys to attend to");
    }
    return operands.input(role, tensor, keyRows(shape), shape.width());
  }

  private static long queryRows(AttentionShape shape) {
    return (long) shape.n() * shape.queries();
  }

  private static long keyRows(AttentionShape shape) {
    return (long) shape.n() * shape.keys();
  }

  private static long scoreRows(AttentionShape shape) {
    return queryRows(shape) * shape.heads();
  }

  // ---- pointwise

  @Override
  public void activation(Activation kind, Tensor x, Tensor y) {
    Operands operands = new Operands("activation " + kind);
    pointwise.activation(kind, operands.input("x", x, x.size()), operands.output("y", y, x.size()));
  }

  @Override
  public void activationBackward(Activation kind, Tensor dy, Tensor x, Tensor dx) {
    Operands operands = new Operands("activationBackward " + kind);
    pointwise.activationBackward(
        kind,
        operands.input("dy", dy, x.size()),
        operands.input("x", x, x.size()),
        operands.output("dx", dx, x.size()));
  }

  @Override
  public void geglu(Tensor x, Tensor y) {
    Operands operands = new Operands("geglu");
    int c = y.shape().dim(-1);
    int rows = y.shape().rows();
    geglu.forward(rows, c, operands.input("x", x, rows, 2L * c), operands.output("y", y, rows, c));
  }

  @Override
  public void gegluBackward(Tensor dy, Tensor x, Tensor dx) {
    Operands operands = new Operands("gegluBackward");
    int c = dy.shape().dim(-1);
    int rows = dy.shape().rows();
    geglu.backward(
        rows,
        c,
        operands.input("dy", dy, rows, c),
        operands.input("x", x, rows, 2L * c),
        operands.output("dx", dx, rows, 2L * c));
  }

  @Override
  public void add(Tensor a, Tensor b, Tensor out) {
    Operands operands = new Operands("add");
    pointwise.add(
        operands.input("a", a, a.size()),
        operands.input("b", b, a.size()),
        operands.output("out", out, a.size()));
  }

  @Override
  public void axpy(double alpha, Tensor x, Tensor y) {
    Operands operands = new Operands("axpy");
    pointwise.axpy(
        (float) alpha, operands.input("x", x, x.size()), operands.output("y", y, x.size()));
  }

  @Override
  public void scale(double alpha, Tensor x, Tensor out) {
    Operands operands = new Operands("scale");
    pointwise.scale(
        (float) alpha, operands.input("x", x, x.size()), operands.output("out", out, x.size()));
  }

  @Override
  public void addPerSample(Tensor x, Tensor vector, Tensor out) {
    Operands operands = new Operands("addPerSample");
    int n = samples(operands, x);
    int c = x.shape().dim(-1);
    int rows = x.shape().rows();
    broadcast.add(
        rows,
        c,
        Math.max(1, rows / Math.max(1, n)),
        Math.max(1, n),
        operands.input("x", x, x.size()),
        operands.input("vector", vector, n, c),
        operands.output("out", out, rows, c));
  }

  @Override
  public void sumPositions(Tensor x, Tensor out) {
    Operands operands = new Operands("sumPositions");
    int n = samples(operands, x);
    int c = x.shape().dim(-1);
    columnSums.overRows(
        n,
        n == 0 ? 0 : x.shape().rows() / n,
        c,
        operands.input("x", x, x.size()),
        operands.output("out", out, n, c),
        false);
  }

  @Override
  public void addPerPosition(Tensor x, Tensor table, Tensor out) {
    Operands operands = new Operands("addPerPosition");
    int n = samples(operands, x);
    int c = x.shape().dim(-1);
    int rows = x.shape().rows();
    int positions = n == 0 ? 0 : rows / n;
    float[] source = operands.input("x", x, x.size());
    Buffer weight = operands.weight("table", table, positions, c);
    float[] target = operands.output("out", out, rows, c);
    if (weight instanceof Buffer.Mapped(MemorySegment segment, DType dtype) && dtype == DType.F64) {
      PointwiseBroadcast.addDoubles(positions * c, source, segment, target);
    } else {
      float[] floats = embedding.whole(weight, table.size());
      broadcast.add(rows, c, 1, Math.max(1, positions), source, floats, target);
    }
  }

  @Override
  public void sumSamples(Tensor x, Tensor out) {
    Operands operands = new Operands("sumSamples");
    int n = samples(operands, x);
    int c = x.shape().dim(-1);
    columnSums.overSamples(
        n,
        operands.input("x", x, x.size()),
        operands.output("out", out, n == 0 ? out.shape().rows() : x.shape().rows() / n, c));
  }

  @Override
  public void sumRows(Tensor x, Tensor out) {
    Operands operands = new Operands("sumRows");
    int c = x.shape().dim(-1);
    columnSums.overRows(
        1,
        x.shape().rows(),
        c,
        operands.input("x", x, x.size()),
        operands.output("out", out, c),
        true);
  }

  @Override
  public void normalizeRows(Tensor x, Tensor out, Tensor norm) {
    Operands operands = new Operands("normalizeRows");
    int rows = x.shape().rows();
    int c = x.shape().dim(-1);
    RowLengths.normalise(
        rows,
        c,
        operands.input("x", x, rows, c),
        operands.output("out", out, rows, c),
        operands.output("norm", norm, rows));
  }

  @Override
  public void normalizeRowsBackward(Tensor dout, Tensor out, Tensor norm, Tensor dx) {
    Operands operands = new Operands("normalizeRowsBackward");
    int rows = out.shape().rows();
    int c = out.shape().dim(-1);
    RowLengths.normaliseBackward(
        rows,
        c,
        operands.input("dout", dout, rows, c),
        operands.input("out", out, rows, c),
        operands.input("norm", norm, rows),
        operands.output("dx", dx, rows, c));
  }

  // ---- moving

  @Override
  public void concatChannels(Tensor a, Tensor b, Tensor out) {
    Operands operands = new Operands("concatChannels");
    int rows = a.shape().rows();
    int ca = a.shape().dim(-1);
    int cb = b.shape().dim(-1);
    movement.concat(
        rows,
        ca,
        cb,
        operands.input("a", a, rows, ca),
        operands.input("b", b, rows, cb),
        operands.output("out", out, rows, (long) ca + cb));
  }

  @Override
  public void splitChannels(Tensor joined, int channelsA, Tensor a, Tensor b) {
    Operands operands = new Operands("splitChannels");
    int rows = joined.shape().rows();
    int channelsB = joined.shape().dim(-1) - channelsA;
    if (channelsA < 0 || channelsB < 0) {
      throw operands.error("joined " + joined.shape() + " has no " + channelsA + " channels of a");
    }
    movement.split(
        rows,
        channelsA,
        channelsB,
        operands.input("joined", joined, joined.size()),
        operands.optionalOutput("a", a, rows, channelsA),
        operands.optionalOutput("b", b, rows, channelsB));
  }

  @Override
  public void copy(Tensor source, int sourceOffset, Tensor target, int targetOffset, int count) {
    Operands operands = new Operands("copy");
    float[] from = operands.input("source", source, source.size());
    float[] to = operands.output("target", target, target.size());
    if (count < 0
        || sourceOffset < 0
        || targetOffset < 0
        || sourceOffset > from.length - count
        || targetOffset > to.length - count) {
      throw operands.error(
          count
              + " elements from "
              + sourceOffset
              + " of "
              + source
              + " to "
              + targetOffset
              + " of "
              + target
              + " are out of range");
    }
    System.arraycopy(from, sourceOffset, to, targetOffset, count);
  }

  @Override
  public void upsampleNearest(int height, int width, Tensor x, Tensor y) {
    Operands operands = new Operands("upsampleNearest");
    int n = samples(operands, x);
    int c = x.shape().dim(-1);
    long pixels = (long) n * height * width;
    movement.upsample(
        n,
        height,
        width,
        c,
        operands.input("x", x, pixels, c),
        operands.output("y", y, 4 * pixels, c));
  }

  @Override
  public void upsampleNearestBackward(int height, int width, Tensor dy, Tensor dx) {
    Operands operands = new Operands("upsampleNearestBackward");
    int n = samples(operands, dx);
    int c = dx.shape().dim(-1);
    long pixels = (long) n * height * width;
    movement.upsampleBackward(
        n,
        height,
        width,
        c,
        operands.input("dy", dy, 4 * pixels, c),
        operands.output("dx", dx, pixels, c));
  }

  @Override
  public void gatherRows(Tensor table, int[] ids, Tensor out) {
    Operands operands = new Operands("gatherRows");
    int c = table.shape().dim(-1);
    Buffer rows = operands.weight("table", table, table.shape().elements());
    float[] target = operands.output("out", out, ids.length, c);
    requireIds(operands, ids, table.shape(), table);
    embedding.gather(rows, ids, c, target);
  }

  @Override
  public void scatterAddRows(Tensor x, int[] ids, Tensor table) {
    Operands operands = new Operands("scatterAddRows");
    int c = table.shape().dim(-1);
    float[] source = operands.input("x", x, ids.length, c);
    float[] target = operands.output("table", table, table.size());
    requireIds(operands, ids, table.shape(), table);
    embedding.scatterAdd(source, ids, c, target);
  }

  private static void requireIds(Operands operands, int[] ids, Shape shape, Tensor table) {
    long rows = shape.dim(-1) == 0 ? 0 : shape.elements() / shape.dim(-1);
    for (int id : ids) {
      if (id < 0 || id >= rows) {
        throw operands.error("row " + id + " is outside the table " + table);
      }
    }
  }

  // ---- losses

  @Override
  public double meanSquaredError(Tensor x, Tensor target, double[] weights) {
    Operands operands = new Operands("meanSquaredError");
    int n = weighted(operands, x, weights);
    return losses.meanSquaredError(
        n, operands.input("x", x, x.size()), operands.input("target", target, x.size()), weights);
  }

  @Override
  public void meanSquaredErrorBackward(
      double upstream, Tensor x, Tensor target, double[] weights, Tensor dx) {
    Operands operands = new Operands("meanSquaredErrorBackward");
    int n = weighted(operands, x, weights);
    losses.meanSquaredErrorBackward(
        upstream,
        n,
        operands.input("x", x, x.size()),
        operands.input("target", target, x.size()),
        weights,
        operands.output("dx", dx, x.size()));
  }

  private static int weighted(Operands operands, Tensor x, double[] weights) {
    if (x.size() == 0) {
      throw operands.error("x " + x.shape() + " has no elements to average");
    }
    int n = x.shape().rank() == 0 ? 1 : x.shape().dim(0);
    if (weights != null && weights.length != n) {
      throw operands.error(
          "x " + x.shape() + " has " + n + " samples, which is not one for each weight");
    }
    return n;
  }

  @Override
  public double crossEntropy(Tensor logits, int[] targets, Tensor probabilities) {
    Operands operands = new Operands("crossEntropy");
    int c = logits.shape().dim(-1);
    float[] source = operands.input("logits", logits, targets.length, c);
    float[] target = operands.output("probabilities", probabilities, targets.length, c);
    requireClasses(operands, targets, c);
    return losses.crossEntropy(targets.length, c, source, targets, target);
  }

  @Override
  public void crossEntropyBackward(
      double upstream, Tensor probabilities, int[] targets, Tensor dlogits) {
    Operands operands = new Operands("crossEntropyBackward");
    int c = probabilities.shape().dim(-1);
    float[] source = operands.input("probabilities", probabilities, targets.length, c);
    float[] target = operands.output("dlogits", dlogits, targets.length, c);
    requireClasses(operands, targets, c);
    Losses.crossEntropyBackward(upstream, targets.length, c, source, targets, target);
  }

  private static void requireClasses(Operands operands, int[] targets, int classes) {
    if (targets.length == 0) {
      throw operands.error("there are no rows to average");
    }
    for (int target : targets) {
      if (target < 0 || target >= classes) {
        throw operands.error("target " + target + " is none of the " + classes + " columns");
      }
    }
  }

  @Override
  public double sumOfSquares(Tensor x) {
    Operands operands = new Operands("sumOfSquares");
    return squareSums.of(operands.input("x", x, x.size()), null, 0, x.size());
  }

  private static int samples(Operands operands, Tensor x) {
    if (x.shape().rank() < 2) {
      throw operands.error("x is " + x.shape() + ", not [n, positions, channels]");
    }
    return x.shape().dim(0);
  }
}
