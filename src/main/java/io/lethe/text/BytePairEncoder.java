// Byte-pair encoding of one word.
package io.lethe.text;

import java.nio.charset.StandardCharsets;

/**
 * Sennrich, Haddow, Birch: Neural Machine Translation of Rare Words with Subword Units (2016), over
 * bytes.
 *
 * <p>A word starts as one symbol a byte, the last one marked as the word's end; then, again and
 * again, the neighbouring pair of the lowest rank merges, leftmost first. With the candidates in a
 * heap and the symbols in a linked list a word of n bytes takes O(n log n).
 */
final class BytePairEncoder {
  private static final int GONE = -1;

  private final MergeTable merges;
  private final int[] inner = new int[256];
  private final int[] last = new int[256];

  /**
   * @param unknown the id for a byte that the vocabulary lacks
   */
  BytePairEncoder(Vocabulary vocabulary, MergeTable merges, int unknown) {
    this.merges = merges;
    for (int value = 0; value < 256; value++) {
      String symbol = String.valueOf(ByteAlphabet.symbol(value));
      int innerId = vocabulary.id(symbol);
      int lastId = vocabulary.id(symbol + ByteAlphabet.WORD_END);
      inner[value] = innerId < 0 ? unknown : innerId;
      last[value] = lastId < 0 ? unknown : lastId;
    }
  }

  /** The ids of a word that is not empty. */
  int[] encode(String word) {
    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
    int[] symbols = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      symbols[i] = (i + 1 < bytes.length ? inner : last)[bytes[i] & 0xFF];
    }
    return merge(symbols);
  }

  private int[] merge(int[] symbols) {
    int n = symbols.length;
    int[] next = new int[n];
    int[] previous = new int[n];
    MergeQueue queue = new MergeQueue(n);
    for (int i = 0; i < n; i++) {
      next[i] = i + 1;
      previous[i] = i - 1;
      addIfMerges(queue, symbols, i, i + 1);
    }
    int left = n;
    while (!queue.isEmpty()) {
      long first = queue.poll();
      int rank = (int) (first >>> 32);
      int at = (int) first;
      int right = next[at];
      boolean current =
          symbols[at] != GONE && right < n && merges.rank(symbols[at], symbols[right]) == rank;
      if (!current) { // one of the two merged with another neighbour since
        continue;
      }
      symbols[at] = merges.result(rank);
      symbols[right] = GONE;
      next[at] = next[right];
      if (next[at] < n) {
        previous[next[at]] = at;
      }
      left--;
      addIfMerges(queue, symbols, previous[at], at);
      addIfMerges(queue, symbols, at, next[at]);
    }
    int[] ids = new int[left];
    for (int at = 0, count = 0; at < n; at = next[at]) {
      ids[count++] = symbols[at];
    }
    return ids;
  }

  private void addIfMerges(MergeQueue queue, int[] symbols, int left, int right) {
    if (left >= 0 && right < symbols.length) {
      int rank = merges.rank(symbols[left], symbols[right]);
      if (rank >= 0) {
        queue.add(rank, left);
      }
    }
  }
}
