// A case of the contract: one primitive on operands of one shape, under a name that finds it again.
package io.lethe.backend;

import java.util.function.Supplier;

/**
 * A case. Run one alone with {@code -Dlethe.case=DESCRIPTOR}, which is a regular expression.
 *
 * @param descriptor primitive, extents and variant, such as {@code conv2d_n2h17w9c33k40r3s2}
 * @param method the method of {@link Backend} that it calls
 * @param prepare makes operands; late, so that listing the cases costs nothing
 */
record BackendContractCase(String descriptor, String method, Supplier<CasesCall> prepare) {
  @Override
  public String toString() {
    return descriptor;
  }
}
