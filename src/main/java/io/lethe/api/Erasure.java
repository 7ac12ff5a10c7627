// An erasure to be: what to erase, with which method, from which seed, and where to.
package io.lethe.api;

import io.lethe.UserError;
import io.lethe.diffusion.Picture;
import io.lethe.erase.Eap;
import io.lethe.erase.ErasureMethod;
import io.lethe.erase.ErasureRequest;
import io.lethe.erase.ErasureRun;
import io.lethe.erase.MethodChoice;
import io.lethe.erase.MethodOptions;
import io.lethe.erase.Methods;
import io.lethe.erase.Vocabulary;
import io.lethe.evaluate.ConceptList;
import io.lethe.evaluate.Judge;
import io.lethe.evaluate.Ranking;
import io.lethe.tensor.DType;
import io.lethe.text.Encoding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Begun by {@link Lethe#erase}, done by {@link #save}. Without more it is EAP with its defaults,
 * seed 0, and, where a judge is named, a short check at the end.
 */
public final class Erasure {
  /** Words of the tokenizer that serve as a vocabulary: its first are its most frequent. */
  private static final int TOKENIZER_WORDS = 3000;

  /** Retained words for few-shot unlearning. */
  private static final int RETAINED_WORDS = 100;

  private final Lethe lethe;
  private final List<String> concepts;
  private MethodChoice choice = Eap.defaults();
  private Optional<ErasureMethod> method = Optional.empty();
  private List<String> eraseFrom = List.of();
  private List<String> preserve = List.of();
  private Optional<Vocabulary> vocabulary = Optional.empty();
  private List<Picture> pictures = List.of();
  private long seed;
  private Optional<DType> dtype = Optional.empty();
  private boolean checked = true;
  private boolean resume;
  private BooleanSupplier cancelled = () -> false;
  private Consumer<String> log = line -> {};

  /** The method as it will run. */
  record Prepared(ErasureMethod method, Map<String, Object> settings, ErasureRun run) {}

  /** The session's judge for methods that ask it; opening it embeds all its labels. */
  private record LateJudge(Lethe lethe) implements Judge {
    private Judge judge() {
      return lethe.judge(List.of());
    }

    @Override
    public List<String> labels() {
      return judge().labels();
    }

    @Override
    public List<Ranking> rank(List<Picture> pictures) {
      return judge().rank(pictures);
    }

    @Override
    public String id() {
      return judge().id();
    }
  }

  Erasure(Lethe lethe, List<String> concepts) {
    this.lethe = lethe;
    this.concepts = List.copyOf(concepts);
  }

  /**
   * Chooses a method by name and options; what is not set suits the model.
   *
   * @param chosen such as {@code Esd.defaults().set("steps", 200)}
   * @return this
   */
  public Erasure with(MethodChoice chosen) {
    choice = chosen;
    method = Optional.empty();
    return this;
  }

  /**
   * Chooses a method that is ready to run, such as one of your own.
   *
   * @param ready the method
   * @return this
   */
  public Erasure with(ErasureMethod ready) {
    method = Optional.of(ready);
    return this;
  }

  /**
   * Takes each concept out of another prompt than its own, where the method can (ESD).
   *
   * @param prompts one for each concept
   * @return this
   */
  public Erasure from(List<String> prompts) {
    eraseFrom = List.copyOf(prompts);
    return this;
  }

  /**
   * Protects names beside those that the method finds itself.
   *
   * @param names as they stand in prompts
   * @return this
   */
  public Erasure preserve(List<String> names) {
    preserve = List.copyOf(names);
    return this;
  }

  /**
   * Sets the words that the method may protect. Without it: the names that the judge's {@code
   * concepts.json} marks, else {@link #tokenizerVocabulary}.
   *
   * @param words at least one that shares no word with a concept
   * @return this
   */
  public Erasure vocabulary(List<String> words) {
    vocabulary = Optional.of(new Vocabulary(words));
    return this;
  }

  /**
   * Lets the method protect the 3,000 most frequent whole words of the tokenizer.
   *
   * @return this
   */
  public Erasure tokenizerVocabulary() {
    List<String> words = lethe.model().tokenizer().wholeWords();
    return vocabulary(words.subList(0, Math.min(TOKENIZER_WORDS, words.size())));
  }

  /**
   * Brings pictures of the concept, for methods that learn from some (few-shot); else the model
   * draws them itself.
   *
   * @param shown at least one, of a single concept
   * @return this
   */
  public Erasure pictures(List<Picture> shown) {
    if (concepts.size() > 1) {
      throw new UserError("pictures show one concept; erase one with them");
    }
    pictures = List.copyOf(shown);
    return this;
  }

  /**
   * Sets the seed of all that is drawn at random, 0 without it.
   *
   * @param start of every random stream
   * @return this
   */
  public Erasure seed(long start) {
    seed = start;
    return this;
  }

  /**
   * Stores all weights in one type; else each keeps the base's.
   *
   * @param type F32, F16 or BF16
   * @return this
   */
  public Erasure dtype(DType type) {
    dtype = Optional.of(type);
    return this;
  }

  /**
   * Whether a short check follows: 16 pictures of each concept and two of 20 other names, by both
   * models. It is skipped where no judge is named.
   *
   * @param wanted true unless set
   * @return this
   */
  public Erasure checked(boolean wanted) {
    checked = wanted;
    return this;
  }

  /**
   * Goes on with a run that was interrupted, to the same bytes; everything else must be as it was.
   *
   * @param wanted false unless set; where nothing was left, the run begins anew
   * @return this
   */
  public Erasure resume(boolean wanted) {
    resume = wanted;
    return this;
  }

  /**
   * Lets somebody interrupt: {@link #save} then keeps its state and raises {@link
   * io.lethe.erase.ErasureRun.Cancelled}.
   *
   * @param when asked between steps
   * @return this
   */
  public Erasure cancelledBy(BooleanSupplier when) {
    cancelled = when;
    return this;
  }

  /**
   * Hears what was done, in sentences for people.
   *
   * @param lines called with each
   * @return this
   */
  public Erasure log(Consumer<String> lines) {
    log = lines;
    return this;
  }

  /**
   * Says what it will cost: runs the UNet for one or two seconds, and changes nothing.
   *
   * @return passes, time, memory, disk
   * @throws UserError for what would also stop {@link #save}
   */
  public ErasureCost estimate() {
    Prepared prepared = prepare(Optional.empty());
    return ErasureCost.estimate(prepared.run(), prepared.method(), dtype);
  }

  /**
   * Checks all that can be checked before the work.
   *
   * @throws UserError for a concept that is too long, an unknown method, or an option that means
   *     nothing to it
   */
  public void validate() {
    prepare(Optional.empty());
  }

  /**
   * Erases, writes the edited model, reads it back, and checks it.
   *
   * @param out a new folder; the work is done in {@link #workFolder} beside it, and moved
   * @return what was done and found
   * @throws UserError if the folder exists, another run works on it, or an option means nothing to
   *     the method
   * @throws io.lethe.erase.ErasureRun.Cancelled if it was interrupted; what was done is kept for
   *     {@link #resume}
   */
  public ErasureOutcome save(Path out) {
    Path checkpoint = workFolder(out).resolve("checkpoint.safetensors");
    return new ErasureWork(lethe, prepare(Optional.of(checkpoint)), dtype, checked, log).save(out);
  }

  /**
   * Where a run works until it is finished, and leaves its state when it is interrupted.
   *
   * @param out the folder to come
   * @return {@code OUT.unfinished}
   */
  public static Path workFolder(Path out) {
    return UnfinishedRun.folderFor(out);
  }

  private Prepared prepare(Optional<Path> checkpoint) {
    requireFitting();
    if (checked && lethe.judgeFolder().isPresent()) {
      lethe.judge(List.of()); // what is wrong with it is better said before the training
    }
    Vocabulary words = words();
    ErasureRequest request = new ErasureRequest(concepts, eraseFrom, preserve, words, seed);
    MethodOptions options = new MethodOptions(choice.options());
    ErasureMethod ready =
        method.orElseGet(() ->
            Methods.create(
                choice.name(),
                options,
                lethe.model().unet().config().sampleSize() >= 64,
                new Methods.Surroundings(
                    pictures.isEmpty() ? List.of() : List.of(pictures),
                    lethe.judgeFolder().map(folder -> new LateJudge(lethe)).orElse(null),
                    retain(words))));
    Map<String, Object> settings = method.isPresent() ? ready.settings() : options.settings();
    ErasureRun run =
        new ErasureRun(
            lethe.backend(),
            lethe.model(),
            request,
            lethe.progress(),
            checkpoint,
            resume,
            () -> fingerprint(ready, settings, words),
            cancelled);
    return new Prepared(ready, settings, run);
  }

  /**
   * A concept that the text encoder cannot see whole is refused: what is cut would not be erased.
   */
  private void requireFitting() {
    for (String concept : concepts) {
      Encoding encoding = lethe.model().tokenizer().encode(concept);
      if (encoding.isCut()) {
        throw new UserError(
            "the concept '"
                + concept
                + "' is longer than the model's context; cut off: "
                + String.join(" ", encoding.cutWords()));
      }
    }
  }

  private Vocabulary words() {
    if (vocabulary.isEmpty()) {
      Optional<ConceptList> list = lethe.judgeFolder().flatMap(ConceptList::ofFolder);
      if (list.isEmpty()) {
        tokenizerVocabulary();
      } else {
        vocabulary(list.get().vocabulary());
      }
    }
    return vocabulary.orElseThrow();
  }

  /** Words whose embeddings few-shot unlearning should leave alone. */
  private List<String> retain(Vocabulary words) {
    List<String> retained = new ArrayList<>(preserve);
    words.without(concepts).words().stream()
        .limit(RETAINED_WORDS)
        .filter(word -> !retained.contains(word))
        .forEach(retained::add);
    return retained;
  }

  /** Settings that decide the result; a checkpoint of other settings is refused. */
  private String fingerprint(ErasureMethod ready, Map<String, Object> settings, Vocabulary words) {
    List<Integer> shown = pictures.stream().map(picture -> Arrays.hashCode(picture.rgb())).toList();
    return String.join(
        "\n",
        lethe.hash(),
        ready.name(),
        concepts.toString(),
        eraseFrom.toString(),
        preserve.toString(),
        words.words().size() + " words " + words.words().hashCode(),
        shown.toString(),
        Long.toString(seed),
        settings.toString());
  }
}
