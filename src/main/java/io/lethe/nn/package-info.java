/**
 * Layers with weights: a {@link io.lethe.nn.Parameter} by its checkpoint name, the store that hands
 * them out, and the small modules (linear, convolution, norms) that models are built of; {@code
 * optim} has the optimisers.
 *
 * <p>Uses autograd, weights, backend and tensor.
 */
package io.lethe.nn;
