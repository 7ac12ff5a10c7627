// What this package is for.
/**
 * Text in, token ids out: the byte-level byte-pair encoding of CLIP, from vocab.json and
 * merges.txt.
 *
 * <p>{@link io.lethe.text.ClipTokenizer} is the whole of it for callers; a prompt becomes an {@link
 * io.lethe.text.Encoding}. Files are read as untrusted input. Knows nothing of models.
 */
package io.lethe.text;
