/**
 * Optimisers: Adam, AdamW, SGD with momentum, Adafactor, one a file, each step as PyTorch computes
 * it in float.
 */
package io.lethe.nn.optim;
