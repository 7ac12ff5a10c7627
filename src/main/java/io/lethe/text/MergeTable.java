// Which neighbouring tokens merge, in which order and into what, from merges.txt.
package io.lethe.text;

import io.lethe.UserError;
import io.lethe.weights.Printable;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The merges by pair of ids: an open-addressed table, so that a look-up boxes nothing.
 *
 * <p>A merge's rank is its line, counted from 0 after the version line; lower ranks merge first.
 */
final class MergeTable {
  private static final long EMPTY = -1;

  private long[] pairs = new long[1 << 12];
  private int[] ranks = new int[1 << 12];
  private int[] results = new int[1 << 11];
  private int used;
  private int lines;

  private MergeTable() {
    Arrays.fill(pairs, EMPTY);
  }

  /**
   * Reads merges.txt: one merge a line, two tokens with one space between them.
   *
   * @throws UserError naming file and line where a line is no such pair, or the tokens or their
   *     union are not in the vocabulary
   */
  static MergeTable read(Path file, Vocabulary vocabulary) {
    byte[] bytes = JsonFile.bytes(file);
    MergeTable table = new MergeTable();
    int start = 0;
    for (int number = 1; start < bytes.length; number++) {
      int end = start;
      while (end < bytes.length && bytes[end] != '\n') {
        end++;
      }
      int next = end + 1;
      if (end > start && bytes[end - 1] == '\r') {
        end--;
      }
      String line = decode(file, number, bytes, start, end);
      start = next;
      boolean version = number == 1 && line.startsWith("#version");
      boolean lastAndEmpty = line.isEmpty() && start >= bytes.length;
      if (!version && !lastAndEmpty) {
        table.addLine(file, number, line, vocabulary);
      }
    }
    return table;
  }

  /** The rank of a pair, or -1 if it does not merge. */
  int rank(int left, int right) {
    long pair = (long) left << 32 | right;
    for (int at = slot(pair); pairs[at] != EMPTY; at = (at + 1) & (pairs.length - 1)) {
      if (pairs[at] == pair) {
        return ranks[at];
      }
    }
    return -1;
  }

  /** The id into which the pair of this rank merges. */
  int result(int rank) {
    return results[rank];
  }

  private void addLine(Path file, int number, String line, Vocabulary vocabulary) {
    int space = line.indexOf(' ');
    if (space <= 0 || space == line.length() - 1 || line.indexOf(' ', space + 1) >= 0) {
      throw JsonFile.malformed(
          file,
          number,
          0,
          "two tokens with one space between them are needed, not " + Printable.quote(line));
    }
    String left = line.substring(0, space);
    String right = line.substring(space + 1);
    int leftId = known(file, number, left, vocabulary);
    int rightId = known(file, number, right, vocabulary);
    int result = known(file, number, left + right, vocabulary);
    if (lines == results.length) {
      results = Arrays.copyOf(results, 2 * lines);
    }
    results[lines] = result;
    put((long) leftId << 32 | rightId, lines++);
  }

  private static int known(Path file, int number, String token, Vocabulary vocabulary) {
    int id = vocabulary.id(token);
    if (id < 0) {
      throw JsonFile.malformed(
          file, number, 0, "the token " + Printable.quote(token) + " is not in vocab.json");
    }
    return id;
  }

  private void put(long pair, int rank) {
    if (2 * ++used > pairs.length) {
      grow();
    }
    int at = slot(pair);
    while (pairs[at] != EMPTY && pairs[at] != pair) {
      at = (at + 1) & (pairs.length - 1);
    }
    pairs[at] = pair;
    ranks[at] = rank;
  }

  private void grow() {
    long[] oldPairs = pairs;
    int[] oldRanks = ranks;
    pairs = new long[2 * oldPairs.length];
    ranks = new int[pairs.length];
    Arrays.fill(pairs, EMPTY);
    for (int i = 0; i < oldPairs.length; i++) {
      if (oldPairs[i] != EMPTY) {
        int at = slot(oldPairs[i]);
        while (pairs[at] != EMPTY) {
          at = (at + 1) & (pairs.length - 1);
        }
        pairs[at] = oldPairs[i];
        ranks[at] = oldRanks[i];
      }
    }
  }

  private int slot(long pair) {
    long mixed = pair * 0x9E3779B97F4A7C15L; // Fibonacci hashing: the upper bits are well mixed
    return (int) (mixed >>> 32) & (pairs.length - 1);
  }

  private static String decode(Path file, int number, byte[] bytes, int start, int end) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, start, end - start))
          .toString();
    } catch (CharacterCodingException _) {
      throw JsonFile.malformed(file, number, 0, "is no valid UTF-8");
    }
  }
}
