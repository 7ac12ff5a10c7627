// What this package is for.
/**
 * The command line: one class a command, options checked before any work begins, errors as one line
 * and an exit code.
 *
 * <p>0: done. 1: our mistake. 2: the user's. 130: interrupted. Results go to standard output (as
 * JSON with {@code --json}), everything else to standard error. Uses every other package.
 */
package io.lethe.cli;
