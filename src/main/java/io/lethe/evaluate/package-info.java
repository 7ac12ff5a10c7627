// What this package is for.
/**
 * Is the concept gone, and is the rest still there: judges, metrics and the protocol that joins
 * them.
 *
 * <p>A {@link io.lethe.evaluate.Judge} ranks a picture among labels; {@link
 * io.lethe.evaluate.Evaluation} draws the same prompts and seeds with two models and has them
 * judged; {@link io.lethe.evaluate.EvaluationReport} writes what came out. Looks down on diffusion,
 * model, text, weights, autograd, backend and tensor.
 */
package io.lethe.evaluate;
