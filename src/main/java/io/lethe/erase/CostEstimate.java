// What an erasure will cost, said before it starts.
package io.lethe.erase;

/**
 * An estimate.
 *
 * @param unetPasses single-sample forward passes, fill included; a forward with backward counts as
 *     three
 * @param memoryBytes peak of compute memory and masters
 * @param diskBytes of the output folder
 */
public record CostEstimate(long unetPasses, long memoryBytes, long diskBytes) {}
