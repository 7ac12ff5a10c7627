// CLIP's tokenizer: from a prompt to the ids that the text encoder takes.
package io.lethe.text;

import io.lethe.UserError;
import io.lethe.weights.Printable;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Byte-level byte-pair encoding with CLIP's rules (Radford et al., Learning Transferable Visual
 * Models From Natural Language Supervision, 2021), the same ids as transformers' CLIPTokenizer.
 *
 * <p>The text is composed (NFC) and put in lower case, split at white space, then into words (see
 * {@link WordSplitter}), and each word is merged by rank ({@link BytePairEncoder}). Special tokens
 * are recognised where they stand literally in the text, as transformers does; where the padding
 * token is "!", so is a "!" in a prompt. Time is O(n log n) for any text. Instances are immutable
 * but for a cache of pieces, and may be used by several threads.
 */
public final class ClipTokenizer {
  private static final int DEFAULT_CONTEXT = 77;
  private static final int LONGEST_TEXT = 1_000_000;
  private static final int CACHED_PIECES = 1 << 14;
  private static final int LONGEST_CACHED_PIECE = 64;

  private final Vocabulary vocabulary;
  private final BytePairEncoder encoder;
  private final SpecialTokens special;
  private final int begin;
  private final int end;
  private final int pad;
  private final int contextLength;
  private final Map<String, int[]> cache = new ConcurrentHashMap<>();

  private ClipTokenizer(
      Path folder, TokenizerSettings settings, int contextLength, Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
    this.contextLength = contextLength;
    special = new SpecialTokens(settings.special(), vocabulary, folder); // checks them all
    begin = vocabulary.id(settings.begin());
    end = vocabulary.id(settings.end());
    pad = vocabulary.id(settings.pad());
    MergeTable merges = MergeTable.read(folder.resolve("merges.txt"), vocabulary);
    encoder = new BytePairEncoder(vocabulary, merges, vocabulary.id(settings.unknown()));
  }

  /**
   * Reads vocab.json and merges.txt, and tokenizer_config.json and special_tokens_map.json where
   * they are, from a folder; the context length is the folder's own, or 77 where it names none.
   *
   * @throws UserError naming file and line of what is missing or malformed
   */
  public static ClipTokenizer load(Path folder) {
    TokenizerSettings settings = TokenizerSettings.read(folder);
    int length = settings.contextLength();
    return load(folder, settings, length < 0 ? DEFAULT_CONTEXT : length);
  }

  /**
   * As {@link #load(Path)}, for a text encoder with this many positions.
   *
   * @throws UserError as well if the folder names another length
   */
  public static ClipTokenizer load(Path folder, int contextLength) {
    TokenizerSettings settings = TokenizerSettings.read(folder);
    if (settings.contextLength() >= 0 && settings.contextLength() != contextLength) {
      throw new UserError(
          "the tokenizer in %s is for %d positions, but the text encoder has %d"
              .formatted(
                  Printable.quote(folder.toString()), settings.contextLength(), contextLength));
    }
    return load(folder, settings, contextLength);
  }

  private static ClipTokenizer load(Path folder, TokenizerSettings settings, int contextLength) {
    return new ClipTokenizer(
        folder, settings, contextLength, Vocabulary.read(folder.resolve("vocab.json")));
  }

  /** How many ids an encoding has. */
  public int contextLength() {
    return contextLength;
  }

  /** One more than the largest id: the rows that the token embedding needs at least. */
  public int vocabularySize() {
    return vocabulary.size();
  }

  /** The id before the words. */
  public int beginId() {
    return begin;
  }

  /** The id after the words. */
  public int endId() {
    return end;
  }

  /** The id that fills up the context: the end's in SD 1.x, 0 in SD 2.x. */
  public int padId() {
    return pad;
  }

  /**
   * A prompt as the text encoder takes it, cut to the context and padded.
   *
   * @throws UserError if the text has more than a million characters
   */
  public Encoding encode(String text) {
    int[] ids = new int[contextLength];
    Arrays.fill(ids, pad);
    int count = 1;
    int room = contextLength - 1; // the last position is kept for the end
    List<String> cut = new ArrayList<>();
    for (String piece : WordSplitter.pieces(checked(text))) {
      if (cut.isEmpty()) {
        int[] tokens = tokensOf(piece);
        int kept = Math.min(tokens.length, room - count);
        System.arraycopy(tokens, 0, ids, count, kept);
        count += kept;
        if (kept == tokens.length) {
          continue;
        }
      }
      cut.add(piece);
    }
    ids[0] = begin;
    ids[count++] = end;
    return new Encoding(ids, count, cut);
  }

  /**
   * All ids of a text between begin and end, neither cut nor padded.
   *
   * @throws UserError if the text has more than a million characters
   */
  public int[] tokens(String text) {
    IdList ids = new IdList();
    ids.add(begin);
    for (String piece : WordSplitter.pieces(checked(text))) {
      ids.add(tokensOf(piece));
    }
    ids.add(end);
    return ids.toArray();
  }

  /** The text of some ids, words with a space after each; what is no UTF-8 becomes U+FFFD. */
  public String decode(int... ids) {
    ByteArrayOutputStream text = new ByteArrayOutputStream(); // a character may span tokens
    for (int id : ids) {
      String token = vocabulary.token(id);
      if (token == null) {
        continue;
      }
      boolean wordEnd = token.endsWith(ByteAlphabet.WORD_END);
      String symbols = wordEnd ? withoutEnd(token) : token;
      byte[] bytes = ByteAlphabet.bytes(symbols);
      text.writeBytes(bytes == null ? symbols.getBytes(StandardCharsets.UTF_8) : bytes);
      if (wordEnd) {
        text.write(' ');
      }
    }
    return text.toString(StandardCharsets.UTF_8).strip();
  }

  /**
   * The vocabulary's own words, by ascending id: tokens that end a word, have two letters or more
   * and nothing else, and to which their text encodes. A vocabulary for adversarial search.
   */
  public List<String> wholeWords() {
    List<String> words = new ArrayList<>();
    for (int id = 0; id < vocabulary.size(); id++) {
      String token = vocabulary.token(id);
      if (token == null || !token.endsWith(ByteAlphabet.WORD_END)) {
        continue;
      }
      String word = ByteAlphabet.text(withoutEnd(token));
      if (word != null && isWord(word) && Arrays.equals(merge(word), new int[] {id})) {
        words.add(word);
      }
    }
    return words;
  }

  /**
   * Tokens of two plain letters or more and nothing else, by ascending id: those that end a word,
   * or those that another follows. Parts for words that nobody has used.
   */
  public List<String> wordParts(boolean last) {
    List<String> parts = new ArrayList<>();
    for (int id = 0; id < vocabulary.size(); id++) {
      String token = vocabulary.token(id);
      if (token == null || token.endsWith(ByteAlphabet.WORD_END) != last) {
        continue;
      }
      String part = last ? withoutEnd(token) : token;
      if (part.length() > 1 && part.chars().allMatch(c -> c >= 'a' && c <= 'z')) {
        parts.add(part);
      }
    }
    return parts;
  }

  private static boolean isWord(String word) {
    return word.codePointCount(0, word.length()) > 1
        && word.codePoints().allMatch(Character::isLetter);
  }

  private static String withoutEnd(String token) {
    return token.substring(0, token.length() - ByteAlphabet.WORD_END.length());
  }

  private static String checked(String text) {
    if (text.length() > LONGEST_TEXT) {
      throw new UserError(
          "the prompt has %d characters; at most %d are accepted"
              .formatted(text.length(), LONGEST_TEXT));
    }
    return text;
  }

  /** The ids of a piece without white space, remembered. */
  private int[] tokensOf(String piece) {
    int[] known = cache.get(piece);
    if (known == null) {
      known = merge(piece);
      if (piece.length() <= LONGEST_CACHED_PIECE && cache.size() < CACHED_PIECES) {
        cache.put(piece, known);
      }
    }
    return known;
  }

  /** Special tokens as they stand, and the words between them. */
  private int[] merge(String piece) {
    IdList ids = new IdList();
    int start = 0;
    for (int at = 0; at < piece.length(); ) {
      int which = special.matchAt(piece, at);
      if (which < 0) {
        at++;
        continue;
      }
      addWords(piece.substring(start, at), ids);
      ids.add(special.id(which));
      at += special.length(which);
      start = at;
    }
    addWords(piece.substring(start), ids);
    return ids.toArray();
  }

  private void addWords(String text, IdList ids) {
    for (String word : WordSplitter.words(text)) {
      ids.add(encoder.encode(word));
    }
  }
}
