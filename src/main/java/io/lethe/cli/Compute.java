// The backend that commands compute with.
package io.lethe.cli;

import io.lethe.backend.cpu.Cpu;

/** Opens backends by the options that all commands share. */
final class Compute {
  private Compute() {}

  /** The CPU, with as many threads as were asked for. */
  static Cpu cpu(Main main) {
    return new Cpu(main.threads());
  }
}
