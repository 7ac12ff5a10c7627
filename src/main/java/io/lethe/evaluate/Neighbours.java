// Which concepts are close to another, and which far.
package io.lethe.evaluate;

import io.lethe.UserError;
import io.lethe.weights.Printable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Candidates in the order of their likeness to a concept, by the judge's own sentences.
 *
 * @param byLikeness nearest first; the concept itself is not among them
 */
public record Neighbours(List<String> byLikeness) {

  /**
   * @throws UserError if the judge does not know a name
   */
  public static Neighbours of(ClipJudge judge, String concept, Collection<String> candidates) {
    int own = judge.labels().indexOf(concept);
    if (own < 0) {
      throw new UserError("the judge has no label " + Printable.quote(concept));
    }
    List<String> sorted = new ArrayList<>(candidates);
    sorted.remove(concept);
    sorted.retainAll(judge.labels());
    sorted.sort(
        Comparator.comparingDouble(
            (String name) -> -judge.likeness(own, judge.labels().indexOf(name))));
    return new Neighbours(List.copyOf(sorted));
  }

  /** The nearest, nearest first. */
  public List<String> close(int count) {
    return byLikeness.subList(0, Math.min(count, byLikeness.size()));
  }

  /** The farthest, farthest first; none that is also among so many close ones. */
  public List<String> far(int count) {
    int first = Math.max(Math.min(count, byLikeness.size()), byLikeness.size() - count);
    return byLikeness.subList(first, byLikeness.size()).reversed();
  }
}
