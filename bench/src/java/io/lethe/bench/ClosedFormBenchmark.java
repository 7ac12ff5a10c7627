// Seconds of the closed-form erasers at the size of Stable Diffusion 1.4.
package io.lethe.bench;

import io.lethe.backend.cpu.Cpu;
import io.lethe.erase.closed.ClosedFormEditor;
import io.lethe.erase.closed.ClosedFormEditor.Problem;
import io.lethe.erase.closed.CrossAttentionEdit;
import io.lethe.erase.closed.EditEffect;
import io.lethe.erase.closed.EditedProjections;
import io.lethe.erase.closed.Projections;
import io.lethe.erase.closed.ReachBound;
import io.lethe.erase.closed.ReachProjection;
import io.lethe.erase.closed.RightFactor;
import io.lethe.erase.closed.WordRows;
import io.lethe.erase.closed.WorstWords;
import io.lethe.erase.dense.Matrix;
import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.weights.TensorView;
import io.lethe.weightstools.SyntheticWeights;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The 32 key and value projections of 16 layers (widths 320, 640, 1280; embeddings of 768) by the
 * synthetic rule, in memory in F32; embeddings random with what text encoders' have in common: a
 * strong shared part, a word's own part, small differences between rows. From embeddings to edited
 * projections, with mapping error and damages; encoding and the folder's writing apart.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@Fork(1)
public class ClosedFormBenchmark {
  private static final int WIDTH = 768;
  private static final int ROWS = 6;
  private static final int WORDS = 3000;
  private static final int[] OUTPUTS = {
    320, 320, 640, 640, 1280, 1280, 1280, 1280, 1280, 1280, 640, 640, 640, 320, 320, 320
  };

  private Cpu cpu;
  private List<TensorView> weights;
  private Matrix shared;
  private List<Matrix> words;
  private List<String> names;
  private Matrix concept;
  private Matrix guide;

  @Setup(Level.Trial)
  public void prepare() {
    cpu = new Cpu();
    weights = new ArrayList<>();
    for (int layer = 0; layer < OUTPUTS.length; layer++) {
      for (String kind : List.of("to_k", "to_v")) {
        String name = "layer" + layer + ".attn2." + kind + ".weight";
        Shape shape = Shape.of(OUTPUTS[layer], WIDTH);
        MemorySegment values = MemorySegment.ofArray(SyntheticWeights.weights(name, shape));
        weights.add(new TensorView(name, DType.F32, shape, values, Path.of("synthetic"), 0));
      }
    }
    shared = random(1, 1).times(4);
    words = new ArrayList<>();
    names = new ArrayList<>();
    for (int j = 0; j < WORDS; j++) {
      words.add(text(ROWS, 10 + j));
      names.add("word " + j);
    }
    concept = text(77, 5);
    guide = text(77, 6);
  }

  @TearDown
  public void close() {
    cpu.close();
  }

  private static Matrix random(int rows, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Matrix matrix = Matrix.zeros(rows, WIDTH);
    for (int i = 0; i < matrix.values().length; i++) {
      matrix.values()[i] = random.nextGaussian();
    }
    return matrix;
  }

  /** Rows that share a part with all texts and one with each other. */
  private Matrix text(int rows, long seed) {
    Matrix own = random(1, 2 * seed);
    Matrix noise = random(rows, 2 * seed + 1).times(0.3);
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < WIDTH; j++) {
        noise.values()[r * WIDTH + j] += shared.values()[j] + own.values()[j];
      }
    }
    return noise;
  }

  /** Mapped anew each time, so that S is not known from the round before. */
  private Projections projections() {
    return Projections.of(weights, name -> true, cpu.parallel(), false);
  }

  private Matrix last(int from, int to) {
    List<Matrix> rows = new ArrayList<>();
    for (int j = from; j < to; j++) {
      rows.add(words.get(j).rows(ROWS - 1, ROWS));
    }
    return Matrix.stack(rows, WIDTH);
  }

  private static double[] sink(
      Projections projections, RightFactor factor, Matrix concepts, Matrix moves, Matrix kept) {
    CrossAttentionEdit edit = CrossAttentionEdit.shared(factor, projections.names());
    EditedProjections edited = new EditedProjections(projections, edit);
    EditEffect effect = edited.effect();
    double[] changes = effect.changes(kept);
    changes[0] += effect.mappingError(concepts, name -> moves) + edited.weights().size();
    return changes;
  }

  @Benchmark
  public double[] uceOneConcept() {
    Projections projections = projections();
    Problem problem = Problem.uniform(last(0, 1), last(1, 2), 1, Matrix.zeros(0, WIDTH), 1, 0.5);
    RightFactor factor = new ClosedFormEditor(projections.products()).solve(problem).factor();
    return sink(projections, factor, problem.concepts(), problem.moves(), last(2, 10));
  }

  @Benchmark
  public double[] uceHundredConceptsThousandPreserved() {
    Projections projections = projections();
    Problem problem = Problem.uniform(last(0, 100), last(100, 200), 1, last(200, 1200), 1, 0.5);
    RightFactor factor = new ClosedFormEditor(projections.products()).solve(problem).factor();
    return sink(projections, factor, problem.concepts(), problem.moves(), problem.preserved());
  }

  private WordRows compressed(Projections projections) {
    double[] energies = new double[WORDS];
    Matrix stacked = Matrix.stack(words, WIDTH);
    Matrix empty = Matrix.stack(java.util.Collections.nCopies(ROWS, shared), WIDTH);
    double[] byRow =
        projections.energies(
            stacked.minus(Matrix.stack(java.util.Collections.nCopies(WORDS, empty), WIDTH)));
    for (int i = 0; i < byRow.length; i++) {
      energies[i / ROWS] += byRow[i];
    }
    return WordRows.of(names, words, energies, 4, projections.threads());
  }

  private WorstWords.Outcome game(Projections projections, WordRows rows) {
    Matrix moves = guide.minus(concept);
    double lambda = 0.5 / projections.energy(moves);
    WorstWords game = new WorstWords(projections, concept, moves, rows);
    WorstWords.Outcome outcome = game.play(new WorstWords.Settings(10, lambda, 0.01, 400));
    if (!(outcome.gap() <= 0.01)) {
      throw new IllegalStateException("gap " + outcome.gap());
    }
    return outcome;
  }

  @Benchmark
  public double[] minimaxOverThreeThousandWords() {
    Projections projections = projections();
    WorstWords.Outcome outcome = game(projections, compressed(projections));
    return sink(projections, outcome.factor(), concept, guide.minus(concept), last(0, WORDS));
  }

  /** The projection with its damage bounded and the bound of the stored weights; weights given. */
  @Benchmark
  public double[] reachWithBoundedDamage() {
    Projections projections = projections();
    WordRows rows = compressed(projections);
    double[] equal = new double[WORDS];
    Arrays.fill(equal, 1.0 / WORDS);
    ReachProjection.Result result =
        new ReachProjection(projections, projections.gram(), concept, rows, equal, guide.rows(0, 5))
            .within(0.05);
    CrossAttentionEdit edit = CrossAttentionEdit.shared(result.factor(), projections.names());
    return new ReachBound(projections, new EditedProjections(projections, edit).weights())
        .distances(concept);
  }
}
