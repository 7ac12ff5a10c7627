// Holds the architecture: arrows between packages go down only, and what is banned stays out.
package io.lethe;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Reads the compiled classes of the program; a level that has no class yet passes. */
class ArchitectureTest {
  private static final String ROOT = "io.lethe";

  /** From top to bottom: a level may use itself, those that stand after it, and the root. */
  private static final List<String> LEVELS =
      List.of(
          "weightstools",
          "cli",
          "compare",
          "api",
          "report",
          "erase",
          "attack",
          "evaluate",
          "trace",
          "diffusion",
          "model",
          "nn",
          "text",
          "weights",
          "autograd",
          "backend",
          "tensor");

  private static final JavaClasses PROGRAM = compiledClasses();

  @TestFactory
  Stream<DynamicTest> noLevelLooksUp() {
    return LEVELS.stream()
        .skip(1)
        .map(level ->
            DynamicTest.dynamicTest(
                level,
                () ->
                    noClasses()
                        .that()
                        .resideInAPackage(ROOT + "." + level + "..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(above(level))
                        .allowEmptyShould(true)
                        .check(PROGRAM)));
  }

  @Test
  void rootUsesNoLevel() {
    noClasses()
        .that()
        .resideInAPackage(ROOT)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + ".*..")
        .check(PROGRAM);
  }

  @Test
  void everyPackageStandsInTheOrder() {
    assertFalse(PROGRAM.isEmpty(), "no class was found to check");
    Set<String> strangers =
        PROGRAM.stream()
            .map(JavaClass::getPackageName)
            .filter(name -> !name.equals(ROOT) && !LEVELS.contains(level(name)))
            .collect(Collectors.toSet());
    assertEquals(Set.of(), strangers, "packages without a place in LEVELS");
  }

  @Test
  void packagesFormNoCycles() {
    slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(PROGRAM);
  }

  @Test
  void onlyTheCudaBackendUsesJcuda() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".backend.cuda..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jcuda..")
        .check(PROGRAM);
  }

  /** Every draw comes from a generator of our own with a stated seed, so that runs repeat. */
  @Test
  void noRandomnessButOurOwn() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(Random.class, ThreadLocalRandom.class)
        .orShould()
        .callMethod(Math.class, "random")
        .check(PROGRAM);
  }

  private static JavaClasses compiledClasses() {
    // Names are enough for these rules; reading the JDK's own classes takes several seconds.
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    return new ClassFileImporter()
        .importUrl(LetheException.class.getProtectionDomain().getCodeSource().getLocation());
  }

  private static String[] above(String level) {
    return LEVELS.subList(0, LEVELS.indexOf(level)).stream()
        .map(name -> ROOT + "." + name + "..")
        .toArray(String[]::new);
  }

  /** {@code io.lethe.nn.optim} belongs to the level {@code nn}. */
  private static String level(String packageName) {
    return packageName.startsWith(ROOT + ".") ? packageName.split("\\.")[2] : packageName;
  }
}
