// What this package is for.
/**
 * Lethe as a library: what the commands do, for other programs.
 *
 * <p>{@link io.lethe.api.Lethe} opens a model; {@link io.lethe.api.Erasure}, {@link
 * io.lethe.api.ModelEvaluation}, {@link io.lethe.api.ModelAttack} and {@link
 * io.lethe.api.Generation} say what to do with it, and do it. The commands of {@code cli} use these
 * classes and no others for their work, so both do the same. Looks down on report, erase, evaluate
 * and all below; never prints.
 */
package io.lethe.api;
