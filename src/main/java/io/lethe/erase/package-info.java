/**
 * Erasers: one file a method, one training loop for all that train, and the pieces they choose
 * from: what to train ({@link io.lethe.erase.Selector}), where latents come from ({@link
 * io.lethe.erase.LatentSource}), which words to protect ({@link io.lethe.erase.Vocabulary}, {@link
 * io.lethe.erase.AdversarialSearch}).
 *
 * <p>Uses evaluate, diffusion, model, nn, text, weights, autograd, backend and tensor. A method
 * never prints.
 */
package io.lethe.erase;
