// A model folder as the protocol's painter.
package io.lethe.evaluate;

import io.lethe.diffusion.GenerationRequest;
import io.lethe.diffusion.Picture;
import io.lethe.diffusion.Pipeline;
import io.lethe.diffusion.ProgressListener;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Draws with one pipeline and fixed settings, without a negative prompt. */
public final class PipelinePainter implements Painter {
  /** Pixels of a batch: 16 pictures of 64 x 64, or one larger picture. */
  private static final int BATCH_PIXELS = 16 * 64 * 64;

  private final Pipeline pipeline;
  private final Drawing drawing;
  private final String hash;

  /**
   * What decides a picture beside prompt, seed and model.
   *
   * @param steps of the sampler
   * @param guidance the scale of classifier-free guidance
   * @param scheduler the sampler's name
   */
  public record Drawing(int steps, double guidance, String scheduler, int height, int width) {
    private static final Pattern TEXT =
        Pattern.compile("(.+), (\\d+) steps, guidance (\\d+(?:\\.\\d+)?), (\\d+) x (\\d+)");

    /** The folder's own settings with this many steps. */
    public static Drawing suiting(Pipeline pipeline, int steps) {
      return new Drawing(
          steps,
          pipeline.defaultGuidance(),
          pipeline.defaultScheduler(),
          pipeline.defaultHeight(),
          pipeline.defaultWidth());
    }

    /**
     * Reads what {@link #toString} wrote, as summary.json has it, so that pictures can be drawn
     * again as they were judged; empty if the text is something else.
     */
    public static Optional<Drawing> parse(String text) {
      Matcher found = TEXT.matcher(text);
      if (!found.matches()) {
        return Optional.empty();
      }
      try {
        return Optional.of(
            new Drawing(
                Integer.parseInt(found.group(2)),
                Double.parseDouble(found.group(3)),
                found.group(1),
                Integer.parseInt(found.group(5)),
                Integer.parseInt(found.group(4))));
      } catch (NumberFormatException tooLong) {
        return Optional.empty();
      }
    }

    /** How many pictures to draw at a time. */
    public int batch() {
      return Math.max(1, BATCH_PIXELS / (height * width));
    }

    @Override
    public String toString() {
      return "%s, %d steps, guidance %s, %d x %d"
          .formatted(scheduler, steps, guidance, width, height);
    }
  }

  public PipelinePainter(Pipeline pipeline, Drawing drawing) {
    this(pipeline, drawing, pipeline.hash());
  }

  /**
   * @param hash the pipeline's own, where it is known: finding it reads every byte of the model
   */
  public PipelinePainter(Pipeline pipeline, Drawing drawing, String hash) {
    this.pipeline = pipeline;
    this.drawing = drawing;
    this.hash = hash;
  }

  @Override
  public List<Picture> paint(List<String> prompts, long[] seeds) {
    GenerationRequest request =
        new GenerationRequest(
            prompts,
            "",
            seeds,
            drawing.steps(),
            drawing.guidance(),
            drawing.scheduler(),
            drawing.height(),
            drawing.width());
    return pipeline.generate(request, ProgressListener.silent());
  }

  @Override
  public String hash() {
    return hash;
  }

  @Override
  public String settings() {
    return drawing.toString();
  }
}
