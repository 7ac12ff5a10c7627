// Pictures of one prompt from consecutive seeds, with everything that repeats them.
package io.lethe.api;

import io.lethe.UserError;
import io.lethe.diffusion.GenerationRequest;
import io.lethe.diffusion.Picture;
import io.lethe.diffusion.Pipeline;
import io.lethe.report.PngFile;
import io.lethe.text.Encoding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * What to draw, begun by {@link Lethe#generate}. The same seed gives the same picture as diffusers
 * draws with a CPU generator; what is not set suits the model.
 */
public final class Generation {
  private static final int BATCH_PIXELS = 16 * 64 * 64;

  private final Lethe lethe;
  private final Pipeline pipeline;
  private final String prompt;
  private String negative = "";
  private int count = 1;
  private long seed;
  private int steps = 25;
  private double guidance;
  private String scheduler;
  private int width;
  private int height;

  /**
   * A finished picture.
   *
   * @param seed its own
   * @param picture as drawn
   * @param properties prompt, seed, sampler, steps, guidance, size, model and its hash, by name, as
   *     the PNG files of {@code lethe generate} record them
   */
  public record Drawn(long seed, Picture picture, Map<String, String> properties) {}

  Generation(Lethe lethe, String prompt) {
    this.lethe = lethe;
    this.prompt = prompt;
    this.pipeline = Pipeline.over(lethe.model(), lethe.backend(), lethe.model().textEncoder());
    this.guidance = pipeline.defaultGuidance();
    this.scheduler = pipeline.defaultScheduler();
    this.width = pipeline.defaultWidth();
    this.height = pipeline.defaultHeight();
  }

  /**
   * Leads the pictures away from something.
   *
   * @param text what they should not show
   * @return this
   */
  public Generation negative(String text) {
    negative = text;
    return this;
  }

  /**
   * Asks for more than one picture.
   *
   * @param pictures how many; their seeds follow each other
   * @return this
   */
  public Generation count(int pictures) {
    count = pictures;
    return this;
  }

  /**
   * Where the noise starts from.
   *
   * @param first seed of the first picture
   * @return this
   */
  public Generation seed(long first) {
    seed = first;
    return this;
  }

  /**
   * Sampler steps, 25 unless set.
   *
   * @param number of steps
   * @return this
   */
  public Generation steps(int number) {
    steps = number;
    return this;
  }

  /**
   * How strongly the prompt pulls.
   *
   * @param scale of classifier-free guidance; at 1 or less the prompt alone is followed
   * @return this
   */
  public Generation guidance(double scale) {
    guidance = scale;
    return this;
  }

  /**
   * The sampler.
   *
   * @param name such as {@code ddim} or {@code dpmpp2m-karras}
   * @return this
   */
  public Generation scheduler(String name) {
    scheduler = name;
    return this;
  }

  /**
   * The pictures' size in pixels.
   *
   * @param wide width
   * @param high height
   * @return this
   */
  public Generation size(int wide, int high) {
    width = wide;
    height = high;
    return this;
  }

  /**
   * What will be drawn.
   *
   * @return the settings that hold, with the first seed
   */
  public GenerationRequest settings() {
    return request(0, 1);
  }

  /**
   * What the model makes of a text.
   *
   * @param text such as the prompt
   * @return its tokens, and the words that did not fit
   */
  public Encoding encode(String text) {
    return pipeline.encode(text);
  }

  /**
   * Draws, a batch at a time.
   *
   * @param consumer gets each picture as soon as its batch is done, in the order of the seeds
   */
  public void each(Consumer<Drawn> consumer) {
    lethe.hashBeside();
    int batch = Math.max(1, BATCH_PIXELS / (height * width));
    long total = (long) count * steps;
    for (int from = 0; from < count; from += batch) {
      long before = (long) from * steps;
      int to = Math.min(from + batch, count);
      List<Picture> pictures =
          pipeline.generate(
              request(from, to),
              (stage, done, ofPart) -> lethe.progress().progress("drawing", before + done, total));
      for (int i = from; i < to; i++) {
        consumer.accept(new Drawn(seed + i, pictures.get(i - from), properties(seed + i)));
      }
    }
  }

  /**
   * Draws all pictures.
   *
   * @return the pictures in the order of their seeds
   */
  public List<Picture> pictures() {
    List<Picture> pictures = new ArrayList<>();
    each(drawn -> pictures.add(drawn.picture()));
    return pictures;
  }

  /**
   * Draws one picture and writes it, with all that repeats it in its text chunks.
   *
   * @param png a file, written beside and moved
   * @throws UserError if more than one was asked for, or writing fails
   */
  public void save(Path png) {
    if (count != 1) {
      throw new UserError(count + " pictures do not fit in one file");
    }
    each(drawn -> PngFile.write(png, drawn.picture(), drawn.properties()));
  }

  private GenerationRequest request(int from, int to) {
    return new GenerationRequest(
        Collections.nCopies(to - from, prompt),
        negative,
        LongStream.range(seed + from, seed + to).toArray(),
        steps,
        guidance,
        scheduler,
        height,
        width);
  }

  private Map<String, String> properties(long itsSeed) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("prompt", prompt);
    if (!negative.isEmpty()) {
      properties.put("negative", negative);
    }
    properties.put("seed", Long.toString(itsSeed));
    properties.put("sampler", scheduler);
    properties.put("steps", Integer.toString(steps));
    properties.put("guidance", Double.toString(guidance));
    properties.put("size", width + "x" + height);
    properties.put("model", pipeline.folder().toAbsolutePath().getFileName().toString());
    properties.put("model hash", lethe.hash());
    properties.put("software", "lethe " + Lethe.version());
    return properties;
  }
}
