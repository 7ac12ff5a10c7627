// What an attacker achieved, beside what plain prompts show.
package io.lethe.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The section on the attack.
 *
 * @param means what the attacker may do
 */
record AttackView(
    String method,
    String means,
    String concept,
    String best,
    String mean,
    String plain,
    String base,
    String steps,
    List<Row> rows,
    List<InlinePicture> pictures) {
  /** One restart. */
  record Row(String initial, String rate, String count, String lossFirst, String lossLast) {}

  /**
   * @param plain success of plain prompts where the attack did not measure it: what ESR-1 leaves
   */
  static AttackView of(AttackRecord attack, double plain) {
    boolean context = attack.embedding().equals("context");
    List<InlinePicture> pictures = new ArrayList<>();
    for (Path file : attack.pictures()) {
      pictures.add(
          InlinePicture.whole(
              InlinePicture.reduced(PictureReader.read(file), 256),
              "drawn by the erased model under attack: "
                  + Words.name(file.getFileName().toString())));
    }
    return new AttackView(
        Words.name(attack.method()),
        context
            ? "The attacker sets every number of the context that the model reads, which no prompt"
                + " could."
            : "The attacker learns the embedding of one new word by gradient descent through the"
                + " edited model; whoever has the weights can.",
        Words.quoted(attack.concept()),
        attack.bestInWords(),
        Words.percent(attack.mean()),
        Words.percent(attack.plain().orElse(plain)),
        attack.base().isPresent() ? Words.percent(attack.base().getAsDouble()) : "",
        Words.count(attack.steps()),
        attack.restarts().stream().map(AttackView::row).toList(),
        pictures);
  }

  private static Row row(AttackRecord.Restart restart) {
    return new Row(
        Words.name(restart.initial()),
        Words.percent(restart.rate()),
        "%d of %d".formatted(restart.successes(), restart.pictures()),
        loss(restart.lossFirst()),
        loss(restart.lossLast()));
  }

  private static String loss(double loss) {
    return Double.isFinite(loss) ? Words.decimal(loss, 4) : "\u2013";
  }
}
