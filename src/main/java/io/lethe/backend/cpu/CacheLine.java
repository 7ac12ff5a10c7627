// Where packed numbers begin in their array, so that no vector of them crosses a cache line.
package io.lethe.backend.cpu;

/**
 * Java lays an object at any multiple of 8 bytes, and the numbers of an array 16 bytes after its
 * beginning: nearly every vector of 64 bytes lies across two cache lines, and reading it takes two
 * accesses. With {@code -XX:ObjectAlignmentInBytes=64}, which the launcher sets where work is long,
 * all arrays begin at a line, so that element 12 does: {@code 16 + 4 * 12 = 64}. Panels, which are
 * read again and again, begin there; products are 6 to 9 % faster for it. Without the flag, or with
 * compact headers, it is an offset like any other.
 */
public final class CacheLine {
  /** The first element of a float array at a line. */
  static final int FIRST = 12;

  /** The first element of a double array at a line. */
  public static final int FIRST_DOUBLE = 6;

  private CacheLine() {}
}
