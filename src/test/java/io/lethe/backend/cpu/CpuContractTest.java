// Holds the CPU backend to the contract at the virtual machine's vector width.
package io.lethe.backend.cpu;

import io.lethe.backend.Backend;
import io.lethe.backend.BackendContract;
import org.junit.jupiter.api.Tag;

/** Run again at other widths with {@code -Dlethe.vectorBits=128} and {@code 256}. */
@Tag("kernels")
final class CpuContractTest extends BackendContract {
  @Override
  protected Backend backend(int threads) {
    return new Cpu(threads);
  }
}
