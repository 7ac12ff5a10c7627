// Element types: what a file may hold, and which of them we compute in.
package io.lethe.tensor;

/**
 * The element types of the safetensors format.
 *
 * <p>Arithmetic happens in {@link #F32} on the CPU and in {@link #F64} on the reference backend;
 * F16 and BF16 are storage only and are widened by the packers. All others are carried as opaque
 * bytes.
 */
public enum DType {
  F32(32),
  F16(16),
  BF16(16),
  F64(64),
  BOOL(8),
  U8(8),
  I8(8),
  I16(16),
  U16(16),
  I32(32),
  U32(32),
  I64(64),
  U64(64),
  C64(64),
  F8_E5M2(8),
  F8_E4M3(8),
  F8_E8M0(8),
  F8_E4M3FNUZ(8),
  F8_E5M2FNUZ(8),
  F6_E2M3(6),
  F6_E3M2(6),
  F4(4);

  private final int bits;

  DType(int bits) {
    this.bits = bits;
  }

  /** Bits of one element; 4, 6 or a multiple of 8. */
  public int bits() {
    return bits;
  }

  /** Bytes of one element. @throws IllegalStateException for the types below one byte */
  public int bytes() {
    if (bits % 8 != 0) {
      throw new IllegalStateException(
          this + " has " + bits + " bits an element, which is no whole number of bytes");
    }
    return bits / 8;
  }

  /** Whether a weight of this type can be read as a real number by the packers. */
  public boolean isFloat() {
    return this == F32 || this == F16 || this == BF16 || this == F64;
  }
}
