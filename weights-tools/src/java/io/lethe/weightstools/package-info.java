// What this package is for.
/**
 * Makes weights: synthetic ones by a fixed rule, so that models of any size can be tested without a
 * download, and the lists of tensor names and shapes that a config.json implies.
 */
package io.lethe.weightstools;
