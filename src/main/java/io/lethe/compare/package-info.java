// What this package is for.
/**
 * Methods beside each other on the same ground: a grid of method, concept and seed, each cell a job
 * of its own.
 *
 * <p>{@link io.lethe.compare.Grid} says what is compared and lays it out as one {@link
 * io.lethe.compare.CellJob} a cell; {@link io.lethe.compare.CellRun} erases and evaluates one;
 * {@link io.lethe.compare.Comparison} runs those that are missing and sums up. Everything between
 * them goes through files, so that it does not matter which process or machine ran which cell.
 * Looks down on api and all below; never prints.
 */
package io.lethe.compare;
