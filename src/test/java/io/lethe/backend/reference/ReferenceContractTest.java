// Holds the reference itself to the rules that all backends share: what is written, kept, added to.
package io.lethe.backend.reference;

import io.lethe.backend.Backend;
import io.lethe.backend.BackendContract;

/**
 * Values agree with themselves; what this proves is the rest of the contract, and that the table's
 * cases are sound.
 */
final class ReferenceContractTest extends BackendContract {
  @Override
  protected int[] threadCounts() {
    return new int[] {1};
  }

  @Override
  protected Backend backend(int threads) {
    return new Reference();
  }
}
