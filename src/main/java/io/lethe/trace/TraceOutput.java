// One named result of a trace.
package io.lethe.trace;

import io.lethe.tensor.Shape;

/**
 * A result in the checkpoint's layout (channels first).
 *
 * @param values row-major
 */
public record TraceOutput(Shape shape, float[] values) {}
