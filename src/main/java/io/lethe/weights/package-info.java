// What this package is for.
/**
 * Checkpoints and model folders: everything that comes from outside is read, checked and written
 * here.
 *
 * <p>A {@link io.lethe.weights.SafeTensorsFile} is one memory-mapped file, a {@link
 * io.lethe.weights.Checkpoint} the weights of one component under their canonical names, a {@link
 * io.lethe.weights.ModelFolder} a whole model in the diffusers layout. Files are never changed in
 * place: writers work beside the target and move. Looks down on tensor only.
 */
package io.lethe.weights;
