// A method of a user's own, as small as one can be: the concept's tokens get another word's
// meaning.
package example;

import io.lethe.UserError;
import io.lethe.erase.ErasedModel;
import io.lethe.erase.ErasureMethod;
import io.lethe.erase.ErasureRun;
import io.lethe.erase.MethodOptions;
import io.lethe.text.ClipTokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

public final class TokenSwap implements ErasureMethod {
  private static final String TABLE = "text_model.embeddings.token_embedding.weight";

  private final String instead;

  /** ServiceLoader needs a constructor without parameters. */
  public TokenSwap() {
    this("cat");
  }

  TokenSwap(String instead) {
    this.instead = instead;
  }

  @Override
  public String name() {
    return "token-swap";
  }

  @Override
  public String paper() {
    return "none";
  }

  @Override
  public ErasureMethod configured(MethodOptions options) {
    return new TokenSwap(options.text("instead", instead));
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("instead", instead);
  }

  @Override
  public long estimatePasses(ErasureRun run) {
    return 0;
  }

  @Override
  public ErasedModel erase(ErasureRun run) {
    ClipTokenizer tokenizer = run.base().tokenizer();
    float[] table = run.base().folder().weights("text_encoder").get(TABLE).toFloats();
    int width = run.base().textEncoder().config().hiddenSize();
    int other = tokenizer.tokens(instead)[1]; // begin, words, end
    for (String concept : run.request().concepts()) {
      int[] ids = tokenizer.tokens(concept);
      for (int id : Arrays.copyOfRange(ids, 1, ids.length - 1)) {
        if (id == other) {
          throw new UserError(instead + " is part of " + concept);
        }
        System.arraycopy(table, other * width, table, id * width, width);
      }
    }
    return new ErasedModel(
        Map.of("text_encoder", Map.of(TABLE, table)),
        Map.of(),
        Map.of(),
        Map.of(),
        0,
        0,
        0,
        List.of(run.request().concepts() + " now mean " + instead));
  }
}
