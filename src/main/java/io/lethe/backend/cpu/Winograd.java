// Which convolutions are computed by Winograd's minimal filtering.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.LANES;

/**
 * F(2x2, 3x3) of Lavin and Gray, "Fast algorithms for convolutional neural networks" (2015): a tile
 * of 2 x 2 pixels of the result comes from a window d of 4 x 4 pixels of the source as
 *
 * <pre>{@code
 * y = A^T [(G g G^T) . (B^T d B)] A,
 *
 *       1  0 -1  0          1    0    0
 * B^T = 0  1  1  0     G = 1/2  1/2  1/2     A^T = 1  1  1  0
 *       0 -1  1  0         1/2 -1/2  1/2           0  1 -1 -1
 *       0  1  0 -1          0    0    1
 * }</pre>
 *
 * <p>with "." element by element: 16 multiplications where the definition has 36. Summed over
 * channels they are 16 matrix products, {@code [tiles, channels] [channels, filters]}, one for each
 * place in the window. All factors are 0, 1 or 1/2, so rounding grows little; but a pixel's
 * rounding errors are spread over the tiles whose windows hold it, and so is a NaN.
 */
final class Winograd {
  /** Pixels of the result along one side of a tile. */
  static final int TILE = 2;

  /** Pixels of the source along one side of a window. */
  static final int WINDOW = 4;

  /** Places in a window: matrix products in place of one. */
  static final int PLACES = WINDOW * WINDOW;

  /** Columns of a register tile: four vectors where there are 32 registers, two where 16. */
  static final int COLUMNS = (LANES == 16 ? MicroLines6.VECTORS : 2) * LANES;

  /** With fewer channels or filters the transforms cost more than they save. */
  static final int LEAST_CHANNELS = 32;

  /**
   * Transformed weights are 16/9 as large as the weights: below so many channels a tile of one
   * picture, reading them costs less than is saved.
   */
  private static final int CHANNELS_A_TILE = 5;

  private Winograd() {}

  /**
   * Whether a convolution pays this way, forward or for its input's gradient. The number of
   * pictures does not matter, so that a picture is the same in any batch.
   */
  static boolean suits(ConvView view) {
    int channels = Math.max(view.channels(), view.targetChannels());
    return isThreeByThree(view)
        && view.targetChannels() % COLUMNS == 0
        && view.channels() % LANES == 0
        && view.channels() >= LEAST_CHANNELS
        && channels <= CHANNELS_A_TILE * (long) WinogradTiles.of(view).count(1);
  }

  /** Whether a convolution has 3 x 3 taps and stride 1, and the machine vectors of 8 or more. */
  static boolean isThreeByThree(ConvView view) {
    return LANES >= 8
        && view.step() == 1
        && view.targetStep() == 1
        && view.taps().length == 9
        && view.lastTapRow() - view.firstTapRow() == 2
        && view.lastTapColumn() - view.firstTapColumn() == 2;
  }
}
