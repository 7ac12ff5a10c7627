// Times our kernels and PyTorch's in turns, and prints the median of their ratios for each shape.
package io.lethe.bench;

import io.lethe.backend.cpu.Cpu;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code ./lethe peer [PAIRS [PATTERN [frozen]]]}, with the environment variables {@code PYTHON}, a
 * python3 that can import torch (default: python3), and {@code THREADS} of each side (default: the
 * processors). Both sides stay alive, hold their operands and are warm before the first pair; a
 * pair is a stretch of ours and then one of the peer's, so that what else the machine does meets
 * both.
 */
public final class PeerComparison {
  private static final double STRETCH_SECONDS = 0.5;
  private static final double WARM_SECONDS = 3;
  private static final long PAUSE_MILLIS = 250;

  private final PrintWriter toPeer;
  private final BufferedReader fromPeer;
  private final Cpu cpu;

  private PeerComparison(Process peer, int threads) {
    toPeer = new PrintWriter(peer.getOutputStream(), true, StandardCharsets.UTF_8);
    fromPeer =
        new BufferedReader(new InputStreamReader(peer.getInputStream(), StandardCharsets.UTF_8));
    cpu = new Cpu(threads);
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    int pairs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 7;
    String pattern = arguments.length > 1 ? arguments[1] : ".*";
    boolean frozen = arguments.length > 2 && arguments[2].equals("frozen");
    Map<String, String> environment = System.getenv();
    String python = environment.getOrDefault("PYTHON", "python3");
    int threads =
        Integer.parseInt(
            environment.getOrDefault(
                "THREADS", Integer.toString(Runtime.getRuntime().availableProcessors())));
    requireTorch(python);
    String script =
        Path.of(System.getProperty("lethe.home"), "bench/peer/torch_peer.py").toString();
    Process peer =
        new ProcessBuilder(python, script, Integer.toString(threads))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    PeerComparison comparison = new PeerComparison(peer, threads);
    try {
      comparison.run(pairs, pattern, frozen, threads);
    } finally {
      comparison.toPeer.close();
      comparison.cpu.close();
      peer.waitFor();
    }
  }

  private static void requireTorch(String python) throws InterruptedException {
    int status;
    try {
      status =
          new ProcessBuilder(python, "-c", "import torch")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor();
    } catch (IOException noSuchProgram) {
      status = -1;
    }
    if (status != 0) {
      System.err.println(
          "lethe peer: '"
              + python
              + "' has no torch; set PYTHON to one that has, or: pip install torch");
      System.exit(2);
    }
  }

  private void run(int pairs, String pattern, boolean frozen, int threads)
      throws IOException, InterruptedException {
    double peak = PeakRates.measure(threads).flops();
    System.out.printf(
        Locale.ROOT,
        "%s, %d threads, peak %.1f GFLOP/s in registers; peer: %s; %d pairs%n",
        cpu.name(),
        threads,
        peak * 1e-9,
        answer(),
        pairs);
    System.out.println("| case | GFLOP | ours GFLOP/s | of peak | peer GFLOP/s | ratio | range |");
    System.out.println("|---|---|---|---|---|---|---|");
    for (PeerCase peerCase : PeerCase.all()) {
      if (peerCase.toString().matches(pattern)) {
        compare(peerCase, pairs, frozen, peak);
      }
    }
  }

  private void compare(PeerCase peerCase, int pairs, boolean frozen, double peak)
      throws IOException, InterruptedException {
    Runnable call = PeerCall.of(peerCase, cpu, frozen);
    toPeer.println(peerCase);
    String form = answer();
    stretch(call, WARM_SECONDS);
    double[] ours = new double[pairs];
    double[] theirs = new double[pairs];
    double[] ratios = new double[pairs];
    for (int pair = 0; pair < pairs; pair++) {
      ours[pair] = stretch(call, STRETCH_SECONDS);
      Thread.sleep(PAUSE_MILLIS);
      toPeer.println("time " + STRETCH_SECONDS);
      theirs[pair] = Double.parseDouble(answer());
      Thread.sleep(PAUSE_MILLIS);
      ratios[pair] = theirs[pair] / ours[pair];
    }
    Arrays.sort(ratios);
    double flops = peerCase.flops();
    double rate = flops / median(ours);
    System.out.printf(
        Locale.ROOT,
        "| %s | %.2f | %.1f | %.0f %% | %.1f (%s) | %.2f | %.2f to %.2f |%n",
        peerCase,
        flops * 1e-9,
        rate * 1e-9,
        100 * rate / peak,
        flops / median(theirs) * 1e-9,
        form,
        ratios[pairs / 2],
        ratios[0],
        ratios[pairs - 1]);
  }

  private String answer() throws IOException {
    String line = fromPeer.readLine();
    if (line == null) {
      throw new IOException("the peer ended; its message stands above");
    }
    return line;
  }

  /** Seconds of a call: the median of as many as the stretch holds. */
  private static double stretch(Runnable call, double seconds) {
    List<Double> times = new ArrayList<>();
    long start = System.nanoTime();
    long end = start + (long) (seconds * 1e9);
    long now = start;
    while (now < end || times.size() < 3) {
      call.run();
      long after = System.nanoTime();
      times.add((after - now) * 1e-9);
      now = after;
    }
    return median(times.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
