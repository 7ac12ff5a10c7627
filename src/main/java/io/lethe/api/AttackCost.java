// What an attack will cost, measured on a few passes and said before it starts.
package io.lethe.api;

import io.lethe.report.Amounts;

/**
 * Passes are counted by the attack; the time of one is measured.
 *
 * @param passes single-sample UNet passes; a forward with backward counts as three
 * @param seconds at the speed of a short trial
 * @param memoryBytes about what it holds at its peak
 */
public record AttackCost(long passes, double seconds, long memoryBytes) {

  /**
   * One line for people.
   *
   * @return such as {@code 16,400 UNet passes, about 2 min on this machine ...}
   */
  public String describe() {
    return "%s UNet passes, about %s on this machine, about %s of memory beside Java's own"
        .formatted(Amounts.count(passes), Amounts.duration(seconds), Amounts.bytes(memoryBytes));
  }
}
