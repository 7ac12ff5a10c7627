// What lives in this package.
/**
 * The backend of the processor: float arrays, the Vector API, and a fixed set of threads.
 *
 * <p>{@code Cpu} checks operands and calls one kernel; a kernel is a file or a few of one prefix
 * (Gemm, Conv, Attention, GroupNorm ...), forward above backward. Work is cut by shape, never by
 * thread. Uses {@code tensor} and the contracts of {@code backend}.
 */
package io.lethe.backend.cpu;
