// Who decides what a picture shows.
package io.lethe.evaluate;

import io.lethe.diffusion.Picture;
import java.util.List;

/** Ranks pictures among a fixed list of labels. */
public interface Judge {
  /** The labels, all different. */
  List<String> labels();

  /** One ranking a picture, in order. */
  List<Ranking> rank(List<Picture> pictures);

  /** Name and hash of the weights, so that figures can be repeated. */
  String id();
}
