/**
 * The list of primitive computations, and who carries them out.
 *
 * <p>{@link io.lethe.backend.Backend} states one contract a primitive. {@code reference} is the
 * definition: naive loops in double. {@code cpu} is the Vector API. Backends know tensors and
 * nothing above them.
 */
package io.lethe.backend;
