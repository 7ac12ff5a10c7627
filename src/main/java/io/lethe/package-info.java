/**
 * Lethe makes text-to-image diffusion models forget a concept, and proves that it did.
 *
 * <p>Packages look down only: cli, compare, api, report, erase, evaluate, diffusion, model, nn,
 * text, weights, autograd, backend, tensor. This root holds the two errors that all of them raise.
 */
package io.lethe;
