// Loads the classes that every command needs, while the command line is read.
package io.lethe.cli;

import tools.jackson.databind.json.JsonMapper;

/**
 * Reading the command line takes one processor a fifth of a second, and so does the first use of
 * the JSON library: beside each other they take half of it.
 */
final class EarlyStart {
  private EarlyStart() {}

  static void begin() {
    Thread.ofPlatform().name("lethe-early-start").daemon().start(EarlyStart::readJson);
  }

  private static void readJson() {
    JsonMapper.builder().build().readTree("{\"a\": [1, \"b\"]}");
  }
}
