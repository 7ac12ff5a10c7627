// lethe trace: one forward, and on request one backward, of a network on given inputs.
package io.lethe.cli;

import io.lethe.UserError;
import io.lethe.backend.Backend;
import io.lethe.backend.cpu.Cpu;
import io.lethe.backend.reference.Reference;
import io.lethe.model.clip.ClipModel;
import io.lethe.tensor.DType;
import io.lethe.trace.ClipTrace;
import io.lethe.trace.TextTrace;
import io.lethe.trace.TraceInputs;
import io.lethe.trace.TraceOutput;
import io.lethe.trace.UnetTrace;
import io.lethe.trace.VaeTrace;
import io.lethe.weights.ModelFolder;
import io.lethe.weights.Printable;
import io.lethe.weights.SafeTensorsFile;
import io.lethe.weights.SafeTensorsWriter;
import io.lethe.weights.TensorEntry;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Runs one component by itself, so that its numbers can be compared with another program's. */
@Command(
    name = "trace",
    header = "Runs one network on given inputs and writes down every number that comes out.",
    description = {
      "%nInputs and results are safetensors files, shapes as in checkpoints (channels first).%n",
      "  component     inputs                                    and for --gradients",
      "  unet          unet.sample unet.timesteps unet.context   unet.target",
      "  text_encoder  text.ids                                  text.target",
      "  vae           vae.image, vae.latent, or both            vae.target_mean,",
      "                                                          vae.target_image",
      "  clip          text.ids clip.pixel_values                clip.target (columns)",
      "%nThe loss is mean((out - target)^2), for clip the cross entropy of logits_per_image."
          + " Results: unet.out, text.last_hidden_state, vae.mean, clip.image_embeds and so on, the"
          + " loss as unet.loss, gradients as unet.grad.NAME, activations as unet.act.PATH.%n"
    },
    footer = {
      "  lethe trace --component unet --inputs in.safetensors --out out.safetensors",
      "  lethe trace --component unet --inputs in.safetensors --out out.safetensors \\",
      "      --gradients --parameters 'attn2\\.to_[kv]' --activations"
    })
final class TraceCommand implements Callable<Integer> {
  /** The networks that can be traced, as they are called in a model folder. */
  enum Component {
    unet,
    text_encoder,
    vae,
    clip
  }

  /** What to compute with. */
  enum BackendName {
    cpu,
    reference
  }

  @ParentCommand private Main main;
  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Model folder. Default: the bundled emoji-sd, and emoji-clip for clip.")
  private Path model;

  @Option(
      names = "--component",
      paramLabel = "NAME",
      required = true,
      description = "One of ${COMPLETION-CANDIDATES}.")
  private Component component;

  @Option(
      names = "--inputs",
      paramLabel = "FILE",
      required = true,
      description = "The inputs, by name.")
  private Path inputs;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "A new safetensors file for the results.")
  private Path out;

  @Option(
      names = "--gradients",
      description = "Run the backward as well, and write the gradient of every parameter.")
  private boolean gradients;

  @Option(
      names = "--parameters",
      paramLabel = "REGEX",
      description = "With --gradients: only parameters whose name contains this.")
  private String parameters;

  @Option(names = "--activations", description = "Write the output of every block (unet only).")
  private boolean activations;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = "cpu",
      description = "cpu (F32, fast) or reference (double precision, slow; default: cpu).")
  private BackendName backendName;

  @Override
  public Integer call() {
    return ErrorLine.guarding(this::trace);
  }

  private int trace() {
    OptionChecks.file("--inputs", inputs);
    OptionChecks.newPlace("--out", out);
    Path folder = model == null ? defaultModel() : model;
    OptionChecks.model("--model", folder);
    if (activations && component != Component.unet) {
      throw new UserError("--activations: only the unet names its blocks' outputs");
    }
    if (parameters != null && !gradients) {
      throw new UserError("--parameters chooses gradients; add --gradients");
    }
    Predicate<String> trained = gradients ? trained() : null;
    try (Arena arena = Arena.ofShared();
        Cpu cpu = Compute.cpu(main)) {
      Backend backend = backendName == BackendName.cpu ? cpu : new Reference();
      SafeTensorsFile file = SafeTensorsFile.open(inputs, arena);
      TraceInputs tensors = new TraceInputs(Printable.quote(inputs.toString()), file.tensors());
      Map<String, TraceOutput> results =
          run(backend, ModelFolder.open(folder, arena), tensors, trained);
      write(results);
      report(results);
    }
    return 0;
  }

  private Path defaultModel() {
    return component == Component.clip ? BundledModels.judge() : BundledModels.model();
  }

  private Predicate<String> trained() {
    if (parameters == null) {
      return name -> true;
    }
    try {
      return Pattern.compile(parameters).asPredicate();
    } catch (PatternSyntaxException malformed) {
      throw new UserError(
          "--parameters is no regular expression: " + malformed.getDescription(), malformed);
    }
  }

  private Map<String, TraceOutput> run(
      Backend backend, ModelFolder folder, TraceInputs tensors, Predicate<String> trained) {
    DType computeType = backend.computeType();
    folder.weights(component.name()).requireFinite();
    return switch (component) {
      case unet ->
          UnetTrace.run(
              backend, Components.unet(folder, computeType), tensors, trained, activations);
      case vae -> VaeTrace.run(backend, Components.vae(folder, computeType), tensors, trained);
      case text_encoder ->
          TextTrace.run(backend, Components.textEncoder(folder, computeType), tensors, trained);
      case clip -> {
        ClipModel clip = Components.clip(folder, computeType);
        yield ClipTrace.run(backend, Components.clipConfig(folder), clip, tensors, trained);
      }
    };
  }

  private void write(Map<String, TraceOutput> results) {
    List<TensorEntry> entries = new ArrayList<>();
    results.forEach((name, result) ->
        entries.add(TensorEntry.of(name, DType.F32, result.shape(), result.values())));
    main.interruption().whileWriting(() -> SafeTensorsWriter.write(out, entries));
  }

  private void report(Map<String, TraceOutput> results) {
    PrintWriter stdout = spec.commandLine().getOut();
    if (main.json()) {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("file", out.toString());
      ObjectNode tensors = json.putObject("tensors");
      results.forEach((name, result) -> tensors.put(name, result.shape().toString()));
      stdout.println(json.toPrettyString());
    } else {
      results.forEach(
          (name, result) -> stdout.printf("%-22s %s%s%n", result.shape(), name, scalar(result)));
      stdout.println(out);
    }
    stdout.flush();
  }

  private static String scalar(TraceOutput result) {
    return result.values().length == 1 ? " = " + result.values()[0] : "";
  }
}
