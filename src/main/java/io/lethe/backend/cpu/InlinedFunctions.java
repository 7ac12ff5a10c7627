// Has the JVM's compiler put the vector functions into the kernels that call them, always.
package io.lethe.backend.cpu;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * A vector that a method returns is an object unless that method is inlined where it is called. C2
 * decides by what it has counted so far, and one run in eight it counted too little when it met
 * {@link VectorMath}: it compiled {@code sigmoid} by itself, large, and refused it ("already
 * compiled into a big method") to every kernel from then on. Such a run trained a third longer and
 * left five times the garbage.
 *
 * <p>A compiler directive (JEP 165) for C2 takes the decision away. {@code -XX:CompileCommand}
 * could too, but for C1 as well, whose code for the first seconds is slower for it. The directive
 * concerns methods of this package alone; where the JVM has no jdk.management, C2 decides as
 * before. A run of a few seconds ({@code -Dlethe.shortRun=true}) is over before it pays: the
 * management server takes a quarter of a second of each of two processors.
 */
final class InlinedFunctions {
  private static final Logger LOG = System.getLogger(InlinedFunctions.class.getName());

  private static final String DIRECTIVE =
      """
      [{
        match: "io/lethe/backend/cpu/*.*",
        c2: { inline: ["+io/lethe/backend/cpu/VectorMath.*", "+io/lethe/backend/cpu/LaneSum.*"] }
      }]
      """;

  private static boolean requested;

  private InlinedFunctions() {}

  /**
   * Adds the directive once in this JVM, beside what else goes on: the management server that takes
   * it needs a quarter of a second to start, and C2 meets kernels later.
   */
  static synchronized void request() {
    if (!requested) {
      requested = true;
      Thread.ofPlatform().name("lethe-inlining").daemon().start(InlinedFunctions::add);
    }
  }

  private static void add() {
    try {
      Path file = Files.createTempFile("lethe-inlining", ".json");
      try {
        Files.writeString(file, DIRECTIVE);
        Object answer =
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "compilerDirectivesAdd",
                    new Object[] {new String[] {file.toString()}},
                    new String[] {String[].class.getName()});
        LOG.log(Level.DEBUG, "directives: {0}", answer);
      } finally {
        Files.delete(file);
      }
    } catch (IOException | JMException | RuntimeException | LinkageError e) {
      LOG.log(Level.DEBUG, "C2 decides by itself what to inline", e);
    }
  }
}
