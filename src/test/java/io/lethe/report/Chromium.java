// A real browser under test, driven over its DevTools protocol; the page itself runs no script.
package io.lethe.report;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * One headless Chromium with one page; what the console says and what the page asks for is kept.
 */
final class Chromium implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;
  private static final JsonMapper MAPPER = new JsonMapper();

  private final Process process;
  private final WebSocket socket;
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new HashMap<>();
  private final List<String> complaints = new ArrayList<>();
  private final List<String> requests = new ArrayList<>();
  private CompletableFuture<Void> loaded = new CompletableFuture<>();
  private String session;
  private int calls;

  /** Where one is installed, if so. */
  static Optional<Path> installed() {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(path.split(File.pathSeparator))
        .flatMap(folder ->
            Stream.of("chromium", "chromium-browser", "google-chrome")
                .map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  Chromium(Path program, Path profile) throws IOException {
    process =
        new ProcessBuilder(
                program.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-extensions",
                "--hide-scrollbars",
                "--user-data-dir=" + profile,
                "--remote-debugging-port=0",
                "about:blank")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    socket = connect(address());
    JsonNode target = call("Target.createTarget", "url", "about:blank");
    JsonNode attached =
        send(
            arguments("targetId", target.path("targetId").asString()).put("flatten", true),
            "Target.attachToTarget");
    session = attached.path("sessionId").asString();
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      call(domain + ".enable");
    }
  }

  /** Chromium says on standard error where it listens. */
  private URI address() throws IOException {
    BufferedReader errors =
        new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
    for (String line = errors.readLine(); line != null; line = errors.readLine()) {
      int at = line.indexOf("ws://");
      if (at >= 0) {
        Thread.ofVirtual().start(() -> drain(errors));
        return URI.create(line.substring(at).strip());
      }
    }
    throw new IOException("chromium ended before it listened");
  }

  private static void drain(BufferedReader errors) {
    try {
      while (errors.readLine() != null) {
        // A full pipe would stop the browser.
      }
    } catch (IOException ended) {
      Thread.currentThread().interrupt();
    }
  }

  private WebSocket connect(URI address) {
    return HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .buildAsync(address, new Messages())
        .join();
  }

  /** Loads a file at a width, in a colour scheme, and waits until it is there. */
  void open(Path page, int width, String scheme) throws IOException {
    synchronized (answers) {
      loaded = new CompletableFuture<>();
    }
    ObjectNode size = arguments().put("width", width).put("height", 900);
    send(
        size.put("deviceScaleFactor", 1).put("mobile", false),
        "Emulation.setDeviceMetricsOverride");
    media("screen", scheme);
    call("Page.navigate", "url", page.toUri().toString());
    await(loaded, "load");
    evaluate(
        "Promise.all([...document.images].map(image => image.decode())).then(() => 'decoded')");
  }

  /** Shows the page as on a screen or on paper ({@code print}). */
  void media(String media, String scheme) throws IOException {
    ObjectNode arguments = arguments("media", media);
    arguments
        .putArray("features")
        .addObject()
        .put("name", "prefers-color-scheme")
        .put("value", scheme);
    send(arguments, "Emulation.setEmulatedMedia");
  }

  /** The value of an expression, promises awaited. */
  JsonNode evaluate(String expression) throws IOException {
    ObjectNode arguments = arguments("expression", expression);
    JsonNode answer =
        send(arguments.put("returnByValue", true).put("awaitPromise", true), "Runtime.evaluate");
    if (answer.has("exceptionDetails")) {
      throw new IOException(expression + ": " + answer.get("exceptionDetails"));
    }
    return answer.path("result").path("value");
  }

  /** A picture of the whole page. */
  void screenshot(Path file) throws IOException {
    ObjectNode arguments = arguments("format", "png").put("captureBeyondViewport", true);
    JsonNode answer = send(arguments, "Page.captureScreenshot");
    Files.write(file, Base64.getDecoder().decode(answer.path("data").asString()));
  }

  /** Errors and warnings of the console since the start. */
  List<String> complaints() {
    synchronized (answers) {
      return List.copyOf(complaints);
    }
  }

  /** Addresses that pages asked for, but data within them. */
  List<String> requests() {
    synchronized (answers) {
      return List.copyOf(requests);
    }
  }

  private static ObjectNode arguments(String... pairs) {
    ObjectNode arguments = MAPPER.createObjectNode();
    for (int i = 0; i < pairs.length; i += 2) {
      arguments.put(pairs[i], pairs[i + 1]);
    }
    return arguments;
  }

  private JsonNode call(String method, String... pairs) throws IOException {
    return send(arguments(pairs), method);
  }

  private JsonNode send(ObjectNode arguments, String method) throws IOException {
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    ObjectNode message = MAPPER.createObjectNode();
    synchronized (answers) {
      message.put("id", ++calls);
      answers.put(calls, answer);
    }
    message.put("method", method);
    message.set("params", arguments);
    if (session != null) {
      message.put("sessionId", session);
    }
    socket.sendText(message.toString(), true).join();
    return await(answer, method);
  }

  private static <T> T await(CompletableFuture<T> future, String what) throws IOException {
    try {
      return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException failure) {
      throw new IOException("chromium: " + what, failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted: " + what, interrupted);
    }
  }

  private void hear(JsonNode message) {
    synchronized (answers) {
      JsonNode parameters = message.path("params");
      switch (message.path("method").asString("")) {
        case "" -> {
          CompletableFuture<JsonNode> answer = answers.remove(message.path("id").asInt());
          if (answer != null && message.has("error")) {
            answer.completeExceptionally(new IOException(message.get("error").toString()));
          } else if (answer != null) {
            answer.complete(message.path("result"));
          }
        }
        case "Page.loadEventFired" -> loaded.complete(null);
        case "Log.entryAdded" -> complaints.add(parameters.path("entry").path("text").asString(""));
        case "Runtime.consoleAPICalled", "Runtime.exceptionThrown" ->
            complaints.add(parameters.toString());
        case "Network.requestWillBeSent" -> {
          String url = parameters.path("request").path("url").asString("");
          if (!url.startsWith("data:")) {
            requests.add(url);
          }
        }
        default -> {
          // Chromium tells more than a test asks for.
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    session = null;
    call("Browser.close");
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException interrupted) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    socket.abort();
  }

  /** Puts the parts of messages together. */
  private final class Messages implements WebSocket.Listener {
    private final StringBuilder parts = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      parts.append(data);
      if (last) {
        JsonNode message = MAPPER.readTree(parts.toString());
        parts.setLength(0);
        hear(message);
      }
      from.request(1);
      return null;
    }
  }
}
