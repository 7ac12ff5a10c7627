// How Winograd's tiles lie in the pictures: which pixels a tile's number stands for.
package io.lethe.backend.cpu;

/**
 * Tiles of 2 x 2 pixels, picture by picture and row by row; at the right and lower edge they may
 * reach beyond the picture.
 *
 * @param rows of tiles in one picture
 * @param columns of tiles
 */
record WinogradTiles(int rows, int columns) {
  /** Those that cover the result of a convolution. */
  static WinogradTiles of(ConvView view) {
    return new WinogradTiles(
        (view.rows() + Winograd.TILE - 1) / Winograd.TILE,
        (view.columns() + Winograd.TILE - 1) / Winograd.TILE);
  }

  /** How many there are in so many pictures. */
  int count(int pictures) {
    return Math.multiplyExact(pictures, Math.multiplyExact(rows, columns));
  }

  /** In which picture a tile lies. */
  int picture(int tile) {
    return tile / (rows * columns);
  }

  /** The first of a tile's two rows of pixels. */
  int row(int tile) {
    return tile / columns % rows * Winograd.TILE;
  }

  /** The first of its two columns. */
  int column(int tile) {
    return tile % columns * Winograd.TILE;
  }
}
