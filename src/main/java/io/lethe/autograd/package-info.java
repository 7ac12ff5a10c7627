/**
 * Reverse-mode differentiation: a tape of recorded operators, and the operators themselves in
 * {@code ops}, one a file.
 *
 * <p>The smallest explanation is {@link io.lethe.autograd.Tape}: forward appends, backward walks
 * back. Accumulation rule: gradients of parameters are added; gradients of activations are written
 * by the operator and summed by the tape where a value fans out. Uses backend and tensor.
 */
package io.lethe.autograd;
