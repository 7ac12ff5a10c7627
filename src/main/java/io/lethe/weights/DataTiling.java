// That the tensors of a file cover its data exactly.
package io.lethe.weights;

import io.lethe.weights.SafeTensorsHeader.Entry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * No overlap, no hole, nothing left over; each tensor as large as its type and shape say.
 *
 * @param bufferStart the byte of the file at which the data begin
 * @param bufferLength the bytes of data that the file has
 */
record DataTiling(Path file, long bufferStart, long bufferLength) {

  /** In order of their offsets the tensors must follow one another from 0 to the end, exactly. */
  void check(Collection<Entry> entries) {
    List<Entry> byOffset = new ArrayList<>(entries);
    byOffset.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long expected = 0;
    for (Entry entry : byOffset) {
      long fileOffset = Math.addExact(bufferStart, expected);
      if (entry.begin() != expected || entry.end() < entry.begin()) {
        String reason =
            entry.end() < entry.begin()
                ? " ends before it begins"
                : entry.begin() < expected
                    ? " overlaps the tensor before it"
                    : " leaves a hole before it";
        throw new SafeTensorsException(
            file,
            entry.name(),
            fileOffset,
            "data_offsets [%d, %d]".formatted(entry.begin(), entry.end()) + reason);
      }
      checkSize(entry, fileOffset);
      expected = entry.end();
      if (expected > bufferLength) {
        throw new SafeTensorsException(
            file,
            entry.name(),
            fileOffset,
            "data_offsets [%d, %d]".formatted(entry.begin(), entry.end())
                + " go beyond the file, which has "
                + bufferLength
                + " bytes of data; it is cut short");
      }
    }
    if (expected != bufferLength) {
      throw new SafeTensorsException(
          file,
          null,
          bufferStart + expected,
          (bufferLength - expected) + " bytes follow that belong to no tensor");
    }
  }

  private void checkSize(Entry entry, long fileOffset) {
    long elements = entry.shape().elements();
    int bits = entry.dtype().bits();
    String what = entry.dtype() + " " + entry.shape();
    if (elements > Long.MAX_VALUE / bits) {
      throw new SafeTensorsException(file, entry.name(), fileOffset, what + " is over 2^63 bits");
    }
    if (elements * bits % 8 != 0) {
      throw new SafeTensorsException(
          file, entry.name(), fileOffset, what + " is no whole number of bytes");
    }
    long bytes = elements * bits / 8;
    if (entry.end() - entry.begin() != bytes) {
      throw new SafeTensorsException(
          file,
          entry.name(),
          fileOffset,
          "%s takes %d bytes, but data_offsets [%d, %d] span %d"
              .formatted(what, bytes, entry.begin(), entry.end(), entry.end() - entry.begin()));
    }
  }
}
