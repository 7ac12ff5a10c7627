// Odd and malformed safetensors files are accepted or refused as the format's library does, or
// stricter.
package io.lethe.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class HostileFilesTest {
  private static final Set<String> STRICTER =
      Set.of("bad_leading_space", "odd_duplicate_key", "odd_unknown_field");

  @TempDir Path folder;

  @TestFactory
  List<DynamicTest> everyGoldenFileIsJudgedAsExpected() throws IOException {
    Path hostile = TestFiles.golden("hostile");
    JsonNode expected =
        JsonMapper.shared().readTree(Files.readString(hostile.resolve("expected.json")));
    List<DynamicTest> tests = new ArrayList<>();
    Set<String> seen = new TreeSet<>();
    for (Map.Entry<String, JsonNode> file : expected.properties()) {
      seen.add(file.getKey() + ".safetensors");
      Path path = hostile.resolve(file.getKey() + ".safetensors");
      boolean accepted =
          file.getValue().get("reference").asString().equals("accepts")
              && !STRICTER.contains(file.getKey());
      tests.add(
          DynamicTest.dynamicTest(
              file.getKey(),
              () -> {
                if (accepted) {
                  Set<String> names = new TreeSet<>();
                  file.getValue().get("tensors").forEach(name -> names.add(name.asString()));
                  assertAccepted(path, names);
                } else {
                  assertRefused(path);
                }
              }));
    }
    Set<String> present = new TreeSet<>();
    try (var files = Files.list(hostile)) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".safetensors"))
          .forEach(present::add);
    }
    assertEquals(present, seen, "expected.json speaks of every file");
    return tests;
  }

  @Test
  void malformedHeadersAreRefusedWithTheirReason() throws IOException {
    String entry = "{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}";
    Map<String, String> cases =
        Map.ofEntries(
            Map.entry("\uFEFF{}", "does not start with '{'"),
            Map.entry("{\"a\":" + entry + ",\"\\u0061\":" + entry + "}", "appears twice"),
            Map.entry("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", "appears twice"),
            Map.entry("{\"__metadata__\":{},\"__metadata__\":{}}", "appears twice"),
            Map.entry("{\"__metadata__\":{\"k\":[\"x\"]}}", "expected a string"),
            Map.entry("{\"__Metadata__\":{\"format\":\"pt\"}}", "unknown field"),
            Map.entry(entry("[1.0]", "[0,1]"), "only whole numbers"),
            Map.entry(entry("[1e0]", "[0,1]"), "only whole numbers"),
            Map.entry(entry("[-0]", "[0,1]"), "not in [0, 2^63)"),
            Map.entry(entry("[1]", "[0,9223372036854775808]"), "not in [0, 2^63)"),
            Map.entry(entry("[1]", "[0,1,2]"), "more than 2 numbers"),
            Map.entry(entry("[1]", "[0]"), "not 2"),
            Map.entry(entry("[1]", "[1,0]"), "ends before it begins"),
            Map.entry(entry("[4294967296,4294967296]", "[0,1]"), "over 2^63"),
            Map.entry(entry("[1152921504606846977]", "[0,1]"), "over 2^63 bits"),
            Map.entry(entry("[" + "1,".repeat(999_999) + "1]", "[0,1]"), "more than 64 numbers"),
            Map.entry(entry("[01]", "[0,1]"), "not valid JSON"),
            Map.entry(entry("[1,]", "[0,1]"), "not valid JSON"),
            Map.entry(entry("[" + "1".repeat(5000) + "]", "[0,1]"), "not valid JSON"),
            Map.entry(
                "{\"a\":{\"dtype\":\"F4\",\"shape\":[1],\"data_offsets\":[0,1]}}",
                "no whole number of bytes"),
            Map.entry("{\"a\":[\"U8\",[1],[0,1]]}", "expected an object"),
            Map.entry("{\"\\ud800\":" + entry + "}", "surrogate"),
            Map.entry("{\"a\u0000\":" + entry + "}", "not valid JSON"),
            Map.entry("{\"a\":" + "[".repeat(100_000), "expected an object"),
            Map.entry("{\"a\":" + entry + "}\0", "not valid JSON"),
            Map.entry("{\"a\":" + entry + "}//", "not valid JSON"),
            Map.entry("{\"a\":" + entry + "}[]", "there is more"));
    for (Map.Entry<String, String> each : cases.entrySet()) {
      Path file = TestFiles.withHeader(folder.resolve("case"), each.getKey(), new byte[1]);
      SafeTensorsException refusal = assertRefused(file);
      assertTrue(
          refusal.getMessage().contains(each.getValue()),
          () -> "expected \"" + each.getValue() + "\" in: " + refusal.getMessage());
    }
  }

  @Test
  void aRefusalNamesFileTensorAndByte() throws IOException {
    String header =
        "{\"é\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
            + "\"b\":{\"dtype\":\"U9\",\"shape\":[1],\"data_offsets\":[1,2]}}";
    Path file = TestFiles.withHeader(folder.resolve("named"), header, new byte[2]);
    SafeTensorsException refusal = assertRefused(file);
    assertEquals(file.toString(), refusal.file());
    assertEquals("b", refusal.tensor().orElseThrow());
    // counted in bytes, not characters: the e with accent takes two
    assertEquals(8 + header.indexOf("\"U9\"") + 1, refusal.offset().orElseThrow());
    assertTrue(refusal.getMessage().contains(file.toString()));
  }

  @Test
  void namesWithControlCharactersLoadButAreNeverPrintedRaw() throws IOException {
    String name = "a\\n\\u001b[31m\\u202e";
    String good = "{\"" + name + "\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
    Path file = TestFiles.withHeader(folder.resolve("odd"), good, new byte[1]);
    assertAccepted(file, Set.of("a\n\u001b[31m\u202e"));
    TestFiles.withHeader(file, good.replace("[1]", "[2]"), new byte[1]);
    String message = assertRefused(file).getMessage();
    assertTrue(message.contains("a\\u000a\\u001b[31m\\u202e"), message);
    assertFalse(message.chars().anyMatch(unit -> unit < ' ' || unit == 0x202e), message);
  }

  @Test
  void countsAreCapped() throws IOException {
    StringBuilder many = new StringBuilder("{");
    for (int i = 0; i <= 100_000; i++) {
      many.append(i == 0 ? "" : ",").append('"').append(i);
      many.append("\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}");
    }
    Path file = TestFiles.withHeader(folder.resolve("many"), many.append('}').toString(), null);
    assertTrue(assertRefused(file).getMessage().contains("more than 100000 tensors"));
    String wide = "{\"" + "n".repeat(17 << 20) + "\":{}}";
    assertRefused(TestFiles.withHeader(folder.resolve("wide"), wide, null));
  }

  @Test
  void aMetadataOfNullAndPaddingOfAnyWhiteSpaceAreAccepted() throws IOException {
    Path file = TestFiles.withHeader(folder.resolve("n"), "{\"__metadata__\":null}\n\t ", null);
    assertAccepted(file, Set.of());
  }

  @Test
  void emptyTensorsMayShareAnOffset() throws IOException {
    String empty = "{\"dtype\":\"F32\",\"shape\":[0,3],\"data_offsets\":[1,1]}";
    String full = "{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}";
    Path file =
        TestFiles.withHeader(
            folder.resolve("empty"),
            "{\"x\":" + empty + ",\"y\":" + empty + ",\"a\":" + full + "}",
            new byte[1]);
    assertAccepted(file, Set.of("x", "y", "a"));
  }

  @Test
  void foldersAndMissingFilesAreNamed() {
    try (Arena arena = Arena.ofConfined()) {
      Path absent = folder.resolve("absent.safetensors");
      var missing = assertThrows(UserError.class, () -> SafeTensorsFile.open(absent, arena));
      assertTrue(missing.getMessage().contains("absent.safetensors"));
      var notFile = assertThrows(UserError.class, () -> SafeTensorsFile.open(folder, arena));
      assertTrue(notFile.getMessage().contains("not a regular file"));
    }
  }

  private static String entry(String shape, String offsets) {
    return "{\"a\":{\"dtype\":\"U8\",\"shape\":%s,\"data_offsets\":%s}}".formatted(shape, offsets);
  }

  private static void assertAccepted(Path path, Set<String> names) {
    try (Arena arena = Arena.ofConfined()) {
      SafeTensorsFile file = SafeTensorsFile.open(path, arena);
      assertEquals(names, file.tensors().keySet());
      for (TensorView view : file.tensors().values()) {
        assertEquals(view.shape().elements() * view.dtype().bits() / 8, view.bytes().byteSize());
      }
    }
  }

  private static SafeTensorsException assertRefused(Path path) {
    try (Arena arena = Arena.ofConfined()) {
      return assertThrows(SafeTensorsException.class, () -> SafeTensorsFile.open(path, arena));
    }
  }
}
