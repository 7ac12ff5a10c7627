/**
 * One forward, and on request one backward, of one component on given inputs, with every result by
 * name: what educators look into and what parity checks compare. Names and channels-first shapes
 * are those of the golden data.
 *
 * <p>Uses model, nn, autograd, weights, backend and tensor.
 */
package io.lethe.trace;
