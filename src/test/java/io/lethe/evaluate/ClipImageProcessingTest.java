// CLIP's image processing, against the original and on settings of other kinds.
package io.lethe.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.lethe.UserError;
import io.lethe.diffusion.BicubicResize;
import io.lethe.diffusion.Picture;
import io.lethe.weights.SafeTensorsFile;
import io.lethe.weights.TensorView;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClipImageProcessingTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/mini-clip.safetensors");

  @TempDir Path folder;

  private static Picture plain(int width, int height, int value) {
    byte[] rgb = new byte[width * height * 3];
    Arrays.fill(rgb, (byte) value);
    return new Picture(width, height, rgb);
  }

  /** 1e-6 is less than a thousandth of one step of 8 bits: every pixel is the same to the bit. */
  @Test
  void resizesCropsAndNormalisesAsTheOriginal() {
    try (Arena arena = Arena.ofConfined()) {
      SafeTensorsFile golden = SafeTensorsFile.open(GOLDEN, arena);
      TensorView view = golden.tensor("resize.picture");
      Picture picture = new Picture(131, 97, view.bytes().toArray(ValueLayout.JAVA_BYTE));
      float[] wanted = golden.tensor("resize.pixel_values").toFloats(); // [3, 224, 224]
      float[] actual = ClipImageProcessing.standard(224).pixelValues(picture, 224);
      for (int channel = 0; channel < 3; channel++) {
        for (int i = 0; i < 224 * 224; i++) {
          float expected = wanted[channel * 224 * 224 + i];
          if (!(Math.abs(actual[i * 3 + channel] - expected) <= 1e-6)) {
            fail(
                "channel %d, position %d: %s instead of %s"
                    .formatted(channel, i, actual[i * 3 + channel], expected));
          }
        }
      }
    }
  }

  @Test
  void aPictureOfTheRightSizeIsNotResampled() {
    Picture picture = plain(64, 64, 17);
    assertSame(picture, BicubicResize.resize(picture, 64, 64));
  }

  @Test
  void resizingKeepsAnEvenColourInBothDirections() {
    for (int size : new int[] {1, 3, 50, 64, 127, 300}) {
      Picture resized = BicubicResize.resize(plain(64, 50, 200), size, size + 1);
      for (byte value : resized.rgb()) {
        assertEquals(200, value & 0xff);
      }
    }
  }

  @Test
  void readsTheBundledSettingsAndOldOnes() throws IOException {
    ClipImageProcessing bundled =
        ClipImageProcessing.ofFolder(Path.of("src/main/models/emoji-clip"), 64);
    assertEquals(64, bundled.shortestEdge());
    assertEquals(64, bundled.cropWidth());
    assertEquals(0.5, bundled.pixelValues(plain(64, 64, 157), 64)[0], 0.01);

    Path file = folder.resolve("preprocessor_config.json");
    Files.writeString(file, "{\"size\": 32, \"crop_size\": 32, \"do_normalize\": false}");
    ClipImageProcessing old = ClipImageProcessing.ofFolder(folder, 224);
    assertEquals(32, old.shortestEdge());
    assertEquals(1, old.pixelValues(plain(100, 40, 255), 32)[0], 1e-6);

    Files.writeString(
        file,
        "{\"size\": {\"height\": 20, \"width\": 40}, \"crop_size\": {\"height\": 24, \"width\":"
            + " 24}, \"do_normalize\": false}");
    ClipImageProcessing wide = ClipImageProcessing.ofFolder(folder, 24);
    float[] values = wide.pixelValues(plain(10, 10, 255), 24);
    assertEquals(0, values[0]);
    assertEquals(1, values[3 * 24 * 2], 1e-6);
  }

  @Test
  void otherSettingsAreRefusedByName() throws IOException {
    Path file = folder.resolve("preprocessor_config.json");
    Files.writeString(file, "{\"resample\": 0}");
    UserError error =
        assertThrows(UserError.class, () -> ClipImageProcessing.ofFolder(folder, 224));
    assertTrue(error.getMessage().contains("preprocessor_config.json"), error.getMessage());
    Files.writeString(file, "{\"image_mean\": [1]}");
    assertThrows(UserError.class, () -> ClipImageProcessing.ofFolder(folder, 224));
    Files.writeString(file, "{");
    assertThrows(UserError.class, () -> ClipImageProcessing.ofFolder(folder, 224));
    assertThrows(
        UserError.class, () -> ClipImageProcessing.standard(32).pixelValues(plain(64, 64, 0), 224));
  }
}
