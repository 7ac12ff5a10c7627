// The index of sharded weights, copied beside edited shards.
package io.lethe.weights;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Names of shards do not change in a copy; only the total of bytes does, with the type. */
final class ShardIndex {
  private ShardIndex() {}

  static void writeCopy(Path index, Path folder, long totalSize) {
    ObjectNode json = JsonFile.read(index);
    JsonNode metadata = json.get("metadata");
    if (metadata instanceof ObjectNode object && object.has("total_size")) {
      object.put("total_size", totalSize);
    }
    byte[] text = JsonFile.write(json).getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(
        folder.resolve(index.getFileName()),
        channel -> SafeTensorsWriter.writeFully(channel, ByteBuffer.wrap(text)));
  }
}
