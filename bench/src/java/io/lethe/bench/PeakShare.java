// Columns of a benchmark's table: its rate, and which share of the machine's peak that is.
package io.lethe.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Counters that JMH divides by the seconds of an iteration. {@code giga} counts 10^9 operations or
 * bytes, {@code ofPeak} the seconds that they would have taken at the peak.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class PeakShare {
  public double giga;
  public double ofPeak;

  /** Counts one call that did {@code amount} operations or bytes. */
  void add(double amount, double peakRate) {
    giga += amount * 1e-9;
    ofPeak += amount / peakRate;
  }
}
