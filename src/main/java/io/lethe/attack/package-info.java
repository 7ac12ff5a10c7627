// What this package is for.
/**
 * Attacks on edited models, one file an attack: is the concept gone from the weights, or was only
 * its name blocked? An {@link io.lethe.attack.AttackRun} knows both models and the judge, but
 * nothing of the method that made the edit.
 *
 * <p>Uses evaluate, diffusion, model, nn, text, weights, autograd, backend and tensor. An attack
 * never prints.
 */
package io.lethe.attack;
