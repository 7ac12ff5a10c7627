// The raw 32-bit draws under every random number.
package io.lethe.diffusion;

import java.nio.ByteBuffer;

/**
 * MT19937: Matsumoto and Nishimura, Mersenne Twister (1998), with the initialisation of 2002.
 *
 * <p>624 words of state; a twist renews them all, a draw tempers the next one.
 */
final class MersenneTwister {
  static final int WORDS = 624;
  private static final int MIDDLE = 397;
  private static final int UPPER = 0x80000000;
  private static final int LOWER = 0x7fffffff;

  private final int[] state = new int[WORDS];
  private int index;

  /** Only the low 32 bits of the seed count, as in PyTorch. */
  MersenneTwister(long seed) {
    seed(seed);
  }

  void seed(long seed) {
    state[0] = (int) seed;
    for (int i = 1; i < WORDS; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ state[i - 1] >>> 30) + i;
    }
    index = WORDS;
  }

  /** The next 32 bits. */
  int next() {
    if (index == WORDS) {
      twist();
    }
    int word = state[index++];
    word ^= word >>> 11;
    word ^= word << 7 & 0x9d2c5680;
    word ^= word << 15 & 0xefc60000;
    return word ^ word >>> 18;
  }

  /** The next 64 bits; the first draw is the upper half. */
  long nextLong() {
    long upper = next();
    return upper << 32 | Integer.toUnsignedLong(next());
  }

  private void twist() {
    for (int i = 0; i < WORDS; i++) {
      int mixed = state[i] & UPPER | state[(i + 1) % WORDS] & LOWER;
      int odd = -(mixed & 1) & 0x9908b0df;
      state[i] = state[(i + MIDDLE) % WORDS] ^ mixed >>> 1 ^ odd;
    }
    index = 0;
  }

  void save(ByteBuffer target) {
    target.putInt(index);
    target.asIntBuffer().put(state);
    target.position(target.position() + Integer.BYTES * WORDS);
  }

  /** Returns false, and changes nothing, if these bytes are no state. */
  boolean restore(ByteBuffer source) {
    int savedIndex = source.getInt();
    if (savedIndex < 0 || savedIndex > WORDS) {
      return false;
    }
    index = savedIndex;
    source.asIntBuffer().get(state);
    source.position(source.position() + Integer.BYTES * WORDS);
    return true;
  }
}
