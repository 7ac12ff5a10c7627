// lethe apply: folds small edits into models, composes them, takes them back, refuses what is
// unfit.
package io.lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ApplyCommandTest {
  private static final String BASE = "src/main/models/emoji-sd";
  private static final String UNET = "unet/diffusion_pytorch_model.safetensors";

  @TempDir Path folder;

  private Path erase(String name, String... options) {
    Path out = folder.resolve(name);
    List<String> arguments = new ArrayList<>(List.of("erase", "--no-evaluation"));
    arguments.addAll(List.of(options));
    arguments.add("--out=" + out);
    CommandRun.good(arguments.toArray(String[]::new));
    return out;
  }

  private CommandRun apply(Path edit, Path model, Path out, String... options) {
    List<String> arguments =
        new ArrayList<>(List.of("apply", edit.toString(), "--model=" + model, "--out=" + out));
    arguments.addAll(List.of(options));
    return CommandRun.of(arguments.toArray(String[]::new));
  }

  @Test
  void anEditFoldsIntoItsBaseToTheSameBytesAndComesOutAgain() throws IOException {
    // One row moved by one column: an edit that can be undone.
    Path erased =
        erase("uce", "--method=uce", "--form=current", "--concept=lion", "--preserve=bear");
    Path edit = erased.resolve("edit.safetensors");
    Path folded = folder.resolve("folded");
    CommandRun run = apply(edit, Path.of(BASE), folded);
    assertEquals(0, run.status(), run.err());
    assertTrue(run.out().contains("base that it was made on"), run.out());
    assertEquals(-1, Files.mismatch(erased.resolve(UNET), folded.resolve(UNET)));

    Path again = folder.resolve("again");
    CommandRun back = apply(edit, folded, again, "--take-back");
    assertEquals(0, back.status(), back.err());
    assertTrue(back.out().contains("projections are those of the base"), back.out());

    Path second = erase("taxi", "--method=rece", "--concept=taxi");
    Path both = folder.resolve("both");
    CommandRun composed =
        apply(edit, Path.of(BASE), both, "--compose=" + second.resolve("edit.safetensors"));
    assertEquals(0, composed.status(), composed.err());
    assertTrue(composed.out().contains("lion, taxi"), composed.out());
    assertFalse(Files.mismatch(folded.resolve(UNET), both.resolve(UNET)) < 0);
  }

  @Test
  void whatDoesNotFitIsRefusedAndLeavesNothingBehind() throws IOException {
    Path erased = erase("reach", "--method=reach", "--concept=lion", "--mu=3", "--preserve=bear");
    Path edit = erased.resolve("edit.safetensors");
    Path out = folder.resolve("out");
    refused(List.of("cannot be taken back", "the base is needed"), edit, erased, out);

    Path other = folder.resolve("other");
    copy(Path.of(BASE), other);
    Path encoder = other.resolve("text_encoder/model.safetensors");
    byte[] bytes = Files.readAllBytes(encoder);
    bytes[bytes.length - 2] ^= 1; // another text encoder by one bit
    Files.write(encoder, bytes);
    refused(List.of("another text encoder"), edit, other, out);
    refused(List.of("no file"), folder.resolve("none"), Path.of(BASE), out);
    refused(List.of("no edit of Lethe"), encoder, Path.of(BASE), out);
    Path text = Files.writeString(folder.resolve("text"), "not a tensor");
    refused(List.of("text"), text, Path.of(BASE), out);
    assertFalse(Files.exists(out));
  }

  private void refused(List<String> words, Path edit, Path model, Path out) {
    CommandRun run = apply(edit, model, out, "--take-back");
    assertEquals(2, run.status(), run.err());
    assertEquals(1, run.complaints(), run.err());
    words.forEach(word -> assertTrue(run.err().contains(word), run.err()));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  @Test
  void metricsTellWhatTheEditIsAndDoes() throws IOException {
    Path erased = erase("mm", "--method=minimax", "--concept=lion", "--reach");
    JsonNode edit =
        new JsonMapper().readTree(Files.readString(erased.resolve("metrics.json"))).get("edit");
    for (String figure :
        List.of(
            "rank",
            "norm",
            "condition",
            "mapping_error",
            "damage_worst",
            "duality_gap",
            "uniform_worst_damage")) {
      assertTrue(edit.get(figure).isNumber(), figure);
    }
    assertTrue(edit.get("duality_gap").asDouble() <= 0.01);
    assertTrue(edit.get("worst_damage").asDouble() <= edit.get("uniform_worst_damage").asDouble());
    assertEquals(10, edit.get("damage_by_word").size());
    assertTrue(edit.get("reach_bound").get("lion").get("distance").isNumber());
    assertTrue(edit.get("reach_limits").asString().contains("does not cover"));
    assertEquals(8, edit.get("projections").asInt());
  }
}
