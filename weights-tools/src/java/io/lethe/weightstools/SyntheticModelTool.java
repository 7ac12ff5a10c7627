// Command line: makes a model folder with synthetic weights.
package io.lethe.weightstools;

import io.lethe.UserError;
import java.nio.file.Path;

/**
 * {@code SyntheticModelTool NAME GOLDEN OUT}: makes the folder OUT of one of mini-sd1, mini-sd2,
 * mini-clip, sd14 (4.3 GB), from the configs and the vocabulary in the folder GOLDEN; {@code
 * sd14-as-published} takes a fourth argument, the folder of sd14, whose large files it links.
 */
public final class SyntheticModelTool {
  private static final String USAGE =
      "usage: SyntheticModelTool mini-sd1|mini-sd2|mini-clip|sd14 GOLDEN OUT\n"
          + "       SyntheticModelTool sd14-as-published GOLDEN OUT SD14";

  private SyntheticModelTool() {}

  public static void main(String[] arguments) {
    try {
      run(arguments);
    } catch (UserError mistake) {
      System.err.println(mistake.getMessage());
      System.exit(2);
    }
  }

  static void run(String... arguments) {
    if (arguments.length < 3) {
      throw new UserError(USAGE);
    }
    String name = arguments[0];
    SyntheticModel model = new SyntheticModel(Path.of(arguments[1]));
    Path out = Path.of(arguments[2]);
    boolean published = name.equals("sd14-as-published");
    if (arguments.length != (published ? 4 : 3)) {
      throw new UserError(USAGE);
    }
    switch (name) {
      case "mini-sd1", "mini-sd2", "sd14" -> model.writePipeline(name, out);
      case "sd14-as-published" -> model.writeAsPublished(Path.of(arguments[3]), out);
      case "mini-clip" -> model.writeClip(name, out);
      default -> throw new UserError("unknown model " + name + "\n" + USAGE);
    }
  }
}
