// Text to pictures, as diffusers' StableDiffusionPipeline draws them.
package io.lethe.diffusion;

import io.lethe.UserError;
import io.lethe.backend.Backend;
import io.lethe.model.clip.ClipTextModel;
import io.lethe.model.unet.UNet2DConditionModel;
import io.lethe.text.Encoding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The whole way: tokens, context, noise, guided denoising, decoding. The same seed gives the same
 * picture as {@code torch.Generator("cpu")} gives in diffusers.
 */
public final class Pipeline implements AutoCloseable {
  /**
   * Latent positions that one batch holds at most: 16 pictures of 64x64 from a factor of 4, one of
   * 512x512.
   */
  private static final int BATCH_POSITIONS = 4096;

  private final DiffusionModel model;
  private final UNet2DConditionModel unet;
  private final Backend backend;
  private final TextContexts contexts;
  private final boolean ownsModel;
  private long unetPasses;
  private long peakBytes;

  private Pipeline(
      DiffusionModel model,
      UNet2DConditionModel unet,
      Backend backend,
      ClipTextModel textEncoder,
      boolean ownsModel) {
    this.model = model;
    this.unet = unet;
    this.backend = backend;
    this.contexts = new TextContexts(backend, model.tokenizer(), textEncoder);
    this.ownsModel = ownsModel;
  }

  /** Opens a diffusers folder. @throws UserError naming the file, key or tensor at fault */
  public static Pipeline open(Path folder, Backend backend) {
    DiffusionModel model = DiffusionModel.open(folder, backend.computeType());
    return new Pipeline(model, model.unet(), backend, model.textEncoder(), true);
  }

  /** Draws with a model that the caller owns, under another text encoder in place of its own. */
  public static Pipeline over(DiffusionModel model, Backend backend, ClipTextModel textEncoder) {
    return new Pipeline(model, model.unet(), backend, textEncoder, false);
  }

  /** Draws with a model that the caller owns, under another UNet in place of its own. */
  public static Pipeline over(DiffusionModel model, Backend backend, UNet2DConditionModel unet) {
    return new Pipeline(model, unet, backend, model.textEncoder(), false);
  }

  /** Draws all pictures of the request, in its order. */
  public List<Picture> generate(GenerationRequest request, ProgressListener progress) {
    int factor = model.vae().config().factor();
    if (request.height() % factor != 0 || request.width() % factor != 0) {
      throw new UserError(
          "size " + request.width() + "x" + request.height() + " is no multiple of " + factor);
    }
    int height = request.height() / factor;
    int width = request.width() / factor;
    List<String> needed = new ArrayList<>(request.prompts());
    needed.add(request.negative());
    contexts.prepare(needed);
    int batch = Math.max(1, BATCH_POSITIONS / (height * width));
    List<Picture> pictures = new ArrayList<>();
    int total = request.prompts().size();
    try (Denoiser denoiser = new Denoiser(backend, unet, height, width)) {
      for (int from = 0; from < total; from += batch) {
        int to = Math.min(from + batch, total);
        float[] latents = denoise(denoiser, request, from, to, progress);
        pictures.addAll(
            LatentDecoder.decode(backend, model.vae(), latents, to - from, height, width));
        progress.progress("drawing", (long) to * request.steps(), (long) total * request.steps());
      }
      unetPasses += denoiser.passes();
      peakBytes = Math.max(peakBytes, denoiser.peakBytes());
    }
    return pictures;
  }

  /** The final latents {@code [n, h*w, c]} of pictures {@code from} to {@code to - 1}. */
  float[] denoise(
      Denoiser denoiser, GenerationRequest request, int from, int to, ProgressListener progress) {
    int n = to - from;
    int size = denoiser.latentSize();
    List<float[]> conditional = new ArrayList<>();
    TorchRandom[] randoms = new TorchRandom[n];
    for (int i = 0; i < n; i++) {
      conditional.add(contexts.get(request.prompts().get(from + i)));
      randoms[i] = new TorchRandom(request.seeds()[from + i]);
    }
    NoiseSource noise =
        new BatchNoise(
            randoms, denoiser.height(), denoiser.width(), model.unet().config().inChannels());
    Sampler sampler =
        Samplers.create(request.scheduler(), model.folder().config("scheduler"), request.steps());
    float[] latents = noise.draw(n * size);
    float sigma = (float) sampler.initialNoiseSigma();
    for (int i = 0; i < latents.length; i++) {
      latents[i] *= sigma;
    }
    float[] unconditional = contexts.get(request.negative());
    double[] timesteps = sampler.timesteps();
    long total = (long) request.prompts().size() * request.steps();
    for (int step = 0; step < timesteps.length; step++) {
      double[] now = new double[n];
      Arrays.fill(now, timesteps[step]);
      float[] input = sampler.scaleInput(latents, step);
      float[] predicted =
          denoiser.predictGuided(input, now, conditional, unconditional, request.guidance());
      sampler.step(predicted, step, latents, noise);
      long done =
          (long) from * request.steps()
              + (long) n * request.steps() * (step + 1) / timesteps.length;
      progress.progress("drawing", Math.min(done, total), total);
    }
    return latents;
  }

  /** What the model makes of a prompt: its tokens, and the words that did not fit. */
  public Encoding encode(String prompt) {
    return model.tokenizer().encode(prompt);
  }

  /** The contexts that prompts are drawn with; what is put there is drawn instead. */
  public TextContexts contexts() {
    return contexts;
  }

  public DiffusionModel model() {
    return model;
  }

  public Path folder() {
    return model.folder().path();
  }

  /** SHA-256 of the model's configurations and weights. */
  public String hash() {
    return model.folder().hash();
  }

  /** Single-sample UNet forward passes so far. */
  public long unetPasses() {
    return unetPasses;
  }

  /** The most compute memory that denoising has used, in bytes. */
  public long peakBytes() {
    return peakBytes;
  }

  /** Height in pixels that the model was trained for. */
  public int defaultHeight() {
    return model.unet().config().sampleSize() * model.vae().config().factor();
  }

  public int defaultWidth() {
    return defaultHeight();
  }

  /** The class of the folder's scheduler. */
  public String defaultScheduler() {
    return model.folder().components().get("scheduler");
  }

  /**
   * 7.5, as diffusers has it, for models of the size of Stable Diffusion; 4 for small ones, which
   * it would oversaturate.
   */
  public double defaultGuidance() {
    return model.unet().config().sampleSize() >= 64 ? 7.5 : 4;
  }

  @Override
  public void close() {
    if (ownsModel) {
      model.close();
    }
  }
}
