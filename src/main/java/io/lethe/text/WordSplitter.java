// Cleans a piece of text and splits it into the words that are encoded one by one.
package io.lethe.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;

/**
 * CLIP's pre-tokenizer: canonical composition, lower case, then the words, in this order of
 * preference: a contraction ({@code 's 't 're 've 'm 'll 'd}), a run of letters, one single number
 * character, a run of anything else that is no white space.
 *
 * <p>Written as a scanner, since a regular expression's time is not bounded on hostile input.
 */
final class WordSplitter {
  private static final String[] CONTRACTIONS = {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"};

  /** Composition takes the square of the length of a run of marks; longer ones are split. */
  private static final int LONGEST_MARK_RUN = 64;

  private WordSplitter() {}

  /** Whether a character separates words: Unicode's White_Space. */
  static boolean isSpace(int point) {
    return point >= 0x09 && point <= 0x0D
        || point == 0x20
        || point == 0x85
        || point == 0xA0
        || point == 0x1680
        || point >= 0x2000 && point <= 0x200A
        || point == 0x2028
        || point == 0x2029
        || point == 0x202F
        || point == 0x205F
        || point == 0x3000;
  }

  /** The pieces of a text between white space, as written. */
  static List<String> pieces(String text) {
    List<String> pieces = new ArrayList<>();
    int start = -1;
    for (int i = 0; i < text.length(); i++) {
      if (isSpace(text.charAt(i))) { // all of White_Space lies below U+10000
        if (start >= 0) {
          pieces.add(text.substring(start, i));
        }
        start = -1;
      } else if (start < 0) {
        start = i;
      }
    }
    if (start >= 0) {
      pieces.add(text.substring(start));
    }
    return pieces;
  }

  /** The words of a piece without white space, composed and in lower case. */
  static List<String> words(String piece) {
    String text = lowerCase(compose(piece));
    List<String> words = new ArrayList<>();
    int start = 0;
    while (start < text.length()) {
      int end = wordEnd(text, start);
      words.add(text.substring(start, end));
      start = end;
    }
    return words;
  }

  private static int wordEnd(String text, int start) {
    int first = text.codePointAt(start);
    if (first == '\'') {
      for (String contraction : CONTRACTIONS) {
        if (text.startsWith(contraction, start)) {
          return start + contraction.length();
        }
      }
    }
    int end = start + Character.charCount(first);
    if (isNumber(first)) {
      return end;
    }
    boolean letters = Character.isLetter(first);
    while (end < text.length()) {
      int point = text.codePointAt(end);
      if (letters != Character.isLetter(point) || isNumber(point)) {
        break;
      }
      end += Character.charCount(point);
    }
    return end;
  }

  /** Any of Unicode's number categories: digits, numerals such as Ⅷ, others such as ½. */
  private static boolean isNumber(int point) {
    return switch (Character.getType(point)) {
      case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
      default -> false;
    };
  }

  private static boolean isMark(int point) {
    return switch (Character.getType(point)) {
      case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK ->
          true;
      default -> false;
    };
  }

  /** NFC; a run of more than 64 marks, which no language has, is composed part by part. */
  private static String compose(String piece) {
    if (isLatin1(piece)) {
      return piece; // Latin-1 is composed already
    }
    StringBuilder composed = new StringBuilder(piece.length());
    int start = 0;
    int marks = 0;
    for (int i = 0; i < piece.length(); ) {
      int point = piece.codePointAt(i);
      marks = isMark(point) ? marks + 1 : 0;
      if (marks > LONGEST_MARK_RUN) {
        composed.append(Normalizer.normalize(piece.substring(start, i), Normalizer.Form.NFC));
        start = i;
        marks = 1;
      }
      i += Character.charCount(point);
    }
    return composed
        .append(Normalizer.normalize(piece.substring(start), Normalizer.Form.NFC))
        .toString();
  }

  private static boolean isLatin1(String piece) {
    for (int i = 0; i < piece.length(); i++) {
      if (piece.charAt(i) > 0xFF) {
        return false;
      }
    }
    return true;
  }

  /**
   * Lower case character by character, whatever the locale: no final sigma, and the dotted capital
   * I becomes i with a dot above. Half a surrogate pair becomes the replacement character.
   */
  private static String lowerCase(String text) {
    StringBuilder lower = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); ) {
      int point = text.codePointAt(i);
      i += Character.charCount(point);
      if (point == 0x130) {
        lower.append("i\u0307");
      } else if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
        lower.append('\uFFFD');
      } else {
        lower.appendCodePoint(Character.toLowerCase(point));
      }
    }
    return lower.toString();
  }
}
