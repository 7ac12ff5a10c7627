// What an attack found, and where its files are.
package io.lethe.api;

import io.lethe.attack.InversionResult;
import java.nio.file.Path;
import tools.jackson.databind.node.ObjectNode;

/**
 * A finished attack.
 *
 * @param folder of attack.json, attack.png and embedding.safetensors
 * @param result rates with their intervals, the pictures, and what was learned
 * @param summary what stands in attack.json
 */
public record AttackOutcome(Path folder, InversionResult result, ObjectNode summary) {}
