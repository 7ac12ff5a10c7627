/**
 * What memory is and who owns it: element types, shapes, tensors, and the scopes that recycle their
 * buffers.
 *
 * <p>Large memory belongs to a {@link io.lethe.tensor.Scope}; weights stay mapped in their file.
 * Nothing here computes. This package uses no other.
 */
package io.lethe.tensor;
