// PNG files: what is written reads back, with its text, and damaged files are refused.
package io.lethe.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import io.lethe.diffusion.Picture;
import io.lethe.weights.SafeTensorsFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PngFileTest {
  @TempDir Path folder;

  private static Picture noise(int width, int height) {
    byte[] rgb = new byte[width * height * 3];
    new SplittableRandom(5).nextBytes(rgb);
    return new Picture(width, height, rgb);
  }

  /** A smooth ramp, on which each of the filters has its turn. */
  private static Picture ramp(int width, int height) {
    byte[] rgb = new byte[width * height * 3];
    for (int i = 0; i < rgb.length; i++) {
      int x = i / 3 % width;
      int y = i / 3 / width;
      rgb[i] = (byte) (x * 7 + y * y * (i % 3) + (y % 5 == 0 ? 31 * x * x : 0));
    }
    return new Picture(width, height, rgb);
  }

  @Test
  void everyPixelReadsBackThroughAnIndependentReader() throws IOException {
    for (Picture picture : List.of(noise(1, 1), noise(7, 3), ramp(64, 64), ramp(131, 97))) {
      Path file = folder.resolve("p.png");
      PngFile.write(file, picture, Map.of());
      BufferedImage read = ImageIO.read(file.toFile());
      assertEquals(picture.width(), read.getWidth());
      assertEquals(picture.height(), read.getHeight());
      for (int y = 0; y < picture.height(); y++) {
        for (int x = 0; x < picture.width(); x++) {
          int rgb =
              picture.channel(x, y, 0) << 16
                  | picture.channel(x, y, 1) << 8
                  | picture.channel(x, y, 2);
          assertEquals(rgb, read.getRGB(x, y) & 0xffffff);
        }
      }
      assertArrayEquals(picture.rgb(), PictureReader.read(file).rgb());
    }
  }

  @Test
  void propertiesReadBackInOrderWhateverTheirAlphabet() {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("prompt", "an emoji of a cactus");
    properties.put("negative", "");
    properties.put("note", "\u00fcber \u72ee\u5b50 \ud83e\udd81");
    Path file = folder.resolve("p.png");
    PngFile.write(file, noise(3, 2), properties);
    Map<String, String> read = PngFile.properties(file);
    assertEquals(properties, read);
    assertEquals(List.copyOf(properties.keySet()), List.copyOf(read.keySet()));
  }

  @Test
  void sameContentGivesTheSameBytesAndNothingIsLeftBeside() throws IOException {
    Map<String, String> properties = Map.of("seed", "7");
    assertArrayEquals(
        PngFile.encode(ramp(20, 20), properties), PngFile.encode(ramp(20, 20), properties));
    PngFile.write(folder.resolve("p.png"), ramp(20, 20), properties);
    try (var files = Files.list(folder)) {
      assertEquals(List.of("p.png"), files.map(file -> file.getFileName().toString()).toList());
    }
  }

  @Test
  void filtersPay() {
    assertTrue(PngFile.encode(ramp(64, 64), Map.of()).length < 64 * 64 * 3 / 2);
  }

  @Test
  void readsAPictureThatAnotherProgramWrote() {
    try (Arena arena = Arena.ofConfined()) {
      var golden =
          SafeTensorsFile.open(Path.of("src/test/resources/golden/emoji-sd.safetensors"), arena);
      byte[] wanted = golden.tensor("pipe.0.image").bytes().toArray(ValueLayout.JAVA_BYTE);
      Picture read = PictureReader.read(Path.of("src/test/resources/golden/emoji-sd-0.png"));
      assertArrayEquals(wanted, read.rgb());
    }
  }

  @Test
  void grayStaysAsItIsAndTransparentBecomesWhite() throws IOException {
    BufferedImage gray = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
    gray.getRaster().setSample(0, 0, 0, 100);
    ImageIO.write(gray, "png", folder.resolve("gray.png").toFile());
    assertArrayEquals(
        new byte[] {100, 100, 100, 0, 0, 0}, PictureReader.read(folder.resolve("gray.png")).rgb());

    BufferedImage clear = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    clear.setRGB(0, 0, 0x00123456);
    clear.setRGB(1, 0, 0xff123456);
    ImageIO.write(clear, "png", folder.resolve("clear.png").toFile());
    assertArrayEquals(
        new byte[] {-1, -1, -1, 0x12, 0x34, 0x56},
        PictureReader.read(folder.resolve("clear.png")).rgb());
  }

  @Test
  void refusalsNameTheFile() throws IOException {
    Path text = Files.writeString(folder.resolve("notes.png"), "no picture");
    for (Path file : List.of(text, folder.resolve("missing.png"), folder)) {
      UserError error = assertThrows(UserError.class, () -> PictureReader.read(file));
      assertTrue(error.getMessage().contains(file.toString()), error.getMessage());
    }
    assertThrows(UserError.class, () -> PngFile.properties(text));
    byte[] whole = PngFile.encode(noise(9, 9), Map.of("a", "b"));
    Path cut = folder.resolve("cut.png");
    Files.write(cut, Arrays.copyOf(whole, whole.length / 2));
    assertThrows(UserError.class, () -> PngFile.properties(cut));
    assertThrows(UserError.class, () -> PictureReader.read(cut));
  }

  @Test
  void aPictureThatClaimsTooManyPixelsIsRefusedBeforeItIsDecoded() throws IOException {
    byte[] bytes = PngFile.encode(noise(1, 1), Map.of());
    ByteBuffer.wrap(bytes).putInt(16, 60_000).putInt(20, 60_000);
    CRC32 crc = new CRC32();
    crc.update(bytes, 12, 17);
    ByteBuffer.wrap(bytes).putInt(29, (int) crc.getValue());
    Path bomb = Files.write(folder.resolve("bomb.png"), bytes);
    UserError error = assertThrows(UserError.class, () -> PictureReader.read(bomb));
    assertTrue(error.getMessage().contains("million"), error.getMessage());
  }
}
