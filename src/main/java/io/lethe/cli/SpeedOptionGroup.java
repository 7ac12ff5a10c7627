// The options of SPEED, as they stand on the command line.
package io.lethe.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Texts, as in {@link MethodOptionGroup}, of which this is a part. */
final class SpeedOptionGroup {
  @Option(
      names = "--task",
      paramLabel = "NAME",
      description =
          "SPEED: settings to start from, as published: few (some objects or styles), celebrities,"
              + " nudity; or small, which suits the bundled model. Default: few, small.")
  private String task;

  @Option(
      names = "--params",
      paramLabel = "NAME",
      description = "SPEED: projections to edit: v (values, as published), k (keys), kv.")
  private String params;

  @Option(
      names = "--columns",
      paramLabel = "NAME",
      description =
          "SPEED: which rows of a text count: last (of its last token) or all (after the start"
              + " token).")
  private String columns;

  @Option(
      names = "--threshold",
      paramLabel = "T",
      description = "SPEED: how much of what is preserved lies along a direction that is kept.")
  private String threshold;

  @Option(
      names = "--retain-scale",
      paramLabel = "RHO",
      description = "SPEED: weight of changing nothing; less erases more.")
  private String retainScale;

  @Option(
      names = "--slack",
      paramLabel = "L",
      description = "SPEED: how far start token and empty prompt may move; 0 for not at all.")
  private String slack;

  @Option(
      names = "--copies",
      paramLabel = "N",
      description = "SPEED: disturbed copies of each preserved text; 0 for none.")
  private String copies;

  @Option(
      names = "--filter",
      paramLabel = "true|false",
      description = "SPEED: whether to preserve only what the edit would touch most.")
  private String filter;

  /** What was given, by name; null for what was not. */
  Map<String, String> options() {
    Map<String, String> given = new LinkedHashMap<>();
    given.put("task", task);
    given.put("params", params);
    given.put("columns", columns);
    given.put("threshold", threshold);
    given.put("retain-scale", retainScale);
    given.put("slack", slack);
    given.put("copies", copies);
    given.put("filter", filter);
    return given;
  }
}
