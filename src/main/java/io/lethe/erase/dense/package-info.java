/**
 * Dense linear algebra in double for the closed-form erasers: products, Gram matrices, Cholesky
 * factors, symmetric eigenvectors. Row-major, multi-threaded, the same bytes for any number of
 * threads.
 *
 * <p>Uses backend for its threads and its vector width.
 */
package io.lethe.erase.dense;
