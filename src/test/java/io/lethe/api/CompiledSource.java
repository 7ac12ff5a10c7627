// Java sources that a test compiles as a user would.
package io.lethe.api;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** A source file that stands in a text, such as the README. */
public final class CompiledSource extends SimpleJavaFileObject {
  private final String text;

  private CompiledSource(String name, String text) {
    super(URI.create("string:///" + name + ".java"), Kind.SOURCE);
    this.text = text;
  }

  @Override
  public CharSequence getCharContent(boolean ignoreEncodingErrors) {
    return text;
  }

  /**
   * Compiles one class against the program, with every warning an error, into a folder.
   *
   * @param name of the class, with its package
   * @param text its source
   * @param classes where the class file goes
   */
  public static void compile(String name, String text, Path classes) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter complaints = new StringWriter();
    List<JavaFileObject> sources = List.of(new CompiledSource(name, text));
    List<String> options =
        List.of(
            "-d",
            classes.toString(),
            "-classpath",
            System.getProperty("java.class.path"),
            "-proc:none",
            "-Xlint:all",
            "-Werror");
    boolean compiled = compiler.getTask(complaints, null, null, options, null, sources).call();
    assertTrue(compiled, complaints.toString());
  }
}
