/**
 * The editor that all closed-form erasers share: {@code W' = W (I + M)} for every key and value
 * projection of cross-attention, with M in factors; what it does to the concept and to every other
 * word; the small file that holds it.
 *
 * <p>Embeddings are rows. Uses erase.dense, diffusion, weights and what stands below.
 */
package io.lethe.erase.closed;
