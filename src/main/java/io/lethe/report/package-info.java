// What this package is for.
/**
 * What people look at: reports as single HTML pages, PNG files that say how they were made, and
 * before/after grids.
 *
 * <p>{@link io.lethe.report.ErasureReport} and {@link io.lethe.report.ComparisonReport} read the
 * files that erasures, evaluations and attacks left (anybody may have written them, so all is
 * checked and all texts are escaped), turn them into records of texts, and fill the templates among
 * this package's resources. Nothing in a page depends on the time or the machine.
 *
 * <p>Looks down on evaluate (rates, the judge, protocols), diffusion (models that draw) and weights
 * (files that appear whole or not at all).
 */
package io.lethe.report;
