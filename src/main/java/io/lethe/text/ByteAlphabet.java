// The 256 bytes as printable characters, so that a vocabulary can be a text file.
package io.lethe.text;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The character that stands for each byte in vocab.json and merges.txt.
 *
 * <p>Bytes that are printable in Latin-1 (33 to 126, 161 to 172, 174 to 255) stand for themselves;
 * the 68 others take the characters from U+0100 on, in ascending order (GPT-2's convention).
 */
final class ByteAlphabet {
  /** Marks the last symbol of a word. */
  static final String WORD_END = "</w>";

  private static final char[] SYMBOL = new char[256];
  private static final short[] BYTE = new short[512];

  static {
    Arrays.fill(BYTE, (short) -1);
    char next = 256;
    for (int value = 0; value < 256; value++) {
      boolean printable =
          value >= 33 && value <= 126 || value >= 161 && value <= 172 || value >= 174;
      SYMBOL[value] = printable ? (char) value : next++;
      BYTE[SYMBOL[value]] = (short) value;
    }
  }

  private ByteAlphabet() {}

  /** The character for a byte, 0 to 255. */
  static char symbol(int value) {
    return SYMBOL[value];
  }

  /** The bytes that a token's characters stand for, or null if one of them stands for none. */
  static byte[] bytes(String symbols) {
    byte[] bytes = new byte[symbols.length()];
    for (int i = 0; i < bytes.length; i++) {
      char symbol = symbols.charAt(i);
      if (symbol >= BYTE.length || BYTE[symbol] < 0) {
        return null;
      }
      bytes[i] = (byte) BYTE[symbol];
    }
    return bytes;
  }

  /** The text that a token's characters stand for, or null if they are no whole UTF-8. */
  static String text(String symbols) {
    byte[] bytes = bytes(symbols);
    if (bytes == null) {
      return null;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException partOfACharacter) {
      return null;
    }
  }
}
