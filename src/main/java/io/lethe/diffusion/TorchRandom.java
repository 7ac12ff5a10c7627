// Random numbers as PyTorch's CPU generator draws them.
package io.lethe.diffusion;

import io.lethe.LetheException;
import io.lethe.UserError;
import java.nio.ByteBuffer;

/**
 * The stream of {@code torch.Generator("cpu").manual_seed(seed)}: the same seed gives the same
 * integers bit for bit and the same normals within 1e-6, so that a picture's starting noise is the
 * one that diffusers starts from.
 *
 * <p>Values come in the order in which the tensor is stored, for latents {@code [N,C,H,W]}; see
 * {@link Layout} for channels-last. Not for several threads at once. No value is ever NaN.
 */
public final class TorchRandom {
  private static final int MAGIC = 0x4c525231; // "LRR1"
  private static final int STATE_BYTES =
      Integer.BYTES * (2 + MersenneTwister.WORDS) + 1 + Double.BYTES;

  private static final int BLOCK = 16;
  private static final int HALF = BLOCK / 2;

  /** From this range on an integer takes 64 bits. */
  private static final long WIDE_RANGE = 1L << 28;

  private static final int LONGEST_PERMUTATION = (int) (0xffffffffL / 20);

  private static final float TWO_PI = (float) (2 * Math.PI);

  private final MersenneTwister bits;
  private boolean hasKept;
  private double kept; // the sine of the last pair, for the next short draw

  /** Only the low 32 bits of the seed count, as in PyTorch. */
  public TorchRandom(long seed) {
    bits = new MersenneTwister(seed);
  }

  /** Starts anew. */
  public void manualSeed(long seed) {
    bits.seed(seed);
    hasKept = false;
  }

  /** {@code torch.randn}: normals of mean 0 and variance 1. */
  public float[] randn(int count) {
    float[] values = new float[count];
    if (count < BLOCK) {
      for (int i = 0; i < count; i++) {
        values[i] = (float) nextNormal();
      }
    } else {
      fillNormals(values);
    }
    return values;
  }

  /** {@code torch.rand}: uniform in [0, 1), multiples of 2^-24. */
  public float[] rand(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = nextFloat();
    }
    return values;
  }

  /**
   * {@code torch.randint}: integers in [low, high).
   *
   * @throws LetheException if the range is empty
   */
  public long[] randint(long low, long high, int count) {
    long range = high - low;
    if (low >= high || range < 0) {
      throw new LetheException("no integers to draw from in [" + low + ", " + high + ")");
    }
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      long draw = range < WIDE_RANGE ? Integer.toUnsignedLong(bits.next()) : bits.nextLong();
      values[i] = low + Long.remainderUnsigned(draw, range);
    }
    return values;
  }

  /**
   * {@code torch.randperm}: 0 .. n-1 shuffled, by exchanging each place with a later one.
   *
   * @throws LetheException if n is negative or above 2 * 10^8, where PyTorch draws differently
   */
  public int[] randperm(int n) {
    if (n < 0 || n >= LONGEST_PERMUTATION) {
      throw new LetheException("cannot draw a permutation of " + n);
    }
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    for (int i = 0; i < n - 1; i++) {
      int other = i + Integer.remainderUnsigned(bits.next(), n - i);
      int moved = order[i];
      order[i] = order[other];
      order[other] = moved;
    }
    return order;
  }

  /** Everything that later draws depend on; give it to {@link #setState} to go on from here. */
  public byte[] getState() {
    ByteBuffer state = ByteBuffer.allocate(STATE_BYTES).putInt(MAGIC);
    bits.save(state);
    return state.put((byte) (hasKept ? 1 : 0)).putDouble(hasKept ? kept : 0).array();
  }

  /** Goes on from a saved state. @throws UserError if these bytes are none */
  public void setState(byte[] saved) {
    ByteBuffer state = ByteBuffer.wrap(saved);
    if (saved.length != STATE_BYTES || state.getInt() != MAGIC || !bits.restore(state)) {
      throw new UserError("the saved random state is damaged; start the run anew");
    }
    hasKept = state.get() != 0;
    kept = state.getDouble();
  }

  /** Uniform in [0, 1) with 24 bits. */
  private float nextFloat() {
    return (bits.next() & 0xffffff) * 0x1p-24f;
  }

  /** Uniform in [0, 1) with 53 bits. */
  private double nextDouble() {
    return (bits.nextLong() & (1L << 53) - 1) * 0x1p-53;
  }

  /**
   * One normal in double (Box and Muller, 1958): {@code r cos a} with {@code r = sqrt(-2 ln(1 -
   * u2))} and {@code a = 2 pi u1}; {@code r sin a} is kept for the next call.
   */
  private double nextNormal() {
    if (hasKept) {
      hasKept = false;
      return kept;
    }
    double angle = 2 * Math.PI * nextDouble();
    double radius = Math.sqrt(-2 * StrictMath.log1p(-nextDouble()));
    kept = radius * StrictMath.sin(angle);
    hasKept = true;
    return radius * StrictMath.cos(angle);
  }

  /**
   * Sixteen normals and more: first every element is a uniform of 24 bits, then each block of 16
   * becomes 8 pairs in place. Where a part of a block is left over, the last 16 elements, some of
   * them done already, are drawn and paired anew.
   */
  private void fillNormals(float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = nextFloat();
    }
    int whole = values.length / BLOCK * BLOCK;
    for (int start = 0; start < whole; start += BLOCK) {
      pairBlock(values, start);
    }
    if (whole < values.length) {
      int start = values.length - BLOCK;
      for (int i = start; i < values.length; i++) {
        values[i] = nextFloat();
      }
      pairBlock(values, start);
    }
  }

  /**
   * Elements j and j + 8: {@code r cos a, r sin a}. Each function's result is rounded to float as
   * PyTorch's vector code has it, two pi as well: in double a few values miss by 2e-6.
   */
  private static void pairBlock(float[] values, int start) {
    for (int j = start; j < start + HALF; j++) {
      float logarithm = (float) StrictMath.log(1f - values[j]);
      float radius = (float) Math.sqrt(-2f * logarithm);
      float angle = TWO_PI * values[j + HALF];
      values[j] = radius * (float) StrictMath.cos(angle);
      values[j + HALF] = radius * (float) StrictMath.sin(angle);
    }
  }
}
