/**
 * The operators, one a file: formula, shapes, what is saved for backward, costs; then forward, then
 * backward.
 *
 * <p>{@code static Value apply(Tape, ...)} is the forward; {@code backward} stands under it.
 * Gradients are written for activations and added for weights. Costs count a multiply and an add as
 * two operations, and every operand once.
 */
package io.lethe.autograd.ops;
