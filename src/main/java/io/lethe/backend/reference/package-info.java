// What lives in this package.
/**
 * The definition of every primitive: naive loops in double, written to be read and never to be
 * fast.
 *
 * <p>One file a family, each loop as close to the formula of {@link io.lethe.backend.Backend} as
 * Java lets it be. What is true of a faster backend is decided by comparing it with this one; what
 * is true of this one is decided by finite differences. Uses tensor, and Commons Math for the error
 * function.
 */
package io.lethe.backend.reference;
