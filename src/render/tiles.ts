/** Columns and rows of a picture, the last ones included; they may lie beyond its edges. */
export interface Pixels {
  left: number
  right: number
  top: number
  bottom: number
}

/** log2 of the edge of a tile in pixels. */
const SHIFT = 3

/**
 * Finds which of many things a pixel may show, without asking each: pictures are cut into tiles, and for each tile
 * there is a list.
 *
 * @param areaOf the pixels that a thing may cover
 * @returns the list for a pixel
 */
export function tilesOf<T>(
  things: readonly T[],
  areaOf: (thing: T) => Pixels,
  width: number,
  height: number,
): (column: number, row: number) => readonly T[] {
  const columns = ((width - 1) >> SHIFT) + 1
  const rows = ((height - 1) >> SHIFT) + 1
  const tiles = Array.from({ length: columns * rows }, (): T[] => [])
  for (const thing of things) {
    const { left, right, top, bottom } = areaOf(thing)
    const lastRow = Math.min(height - 1, bottom) >> SHIFT
    const lastColumn = Math.min(width - 1, right) >> SHIFT
    for (let row = Math.max(0, top) >> SHIFT; row <= lastRow; row++) {
      for (let column = Math.max(0, left) >> SHIFT; column <= lastColumn; column++) {
        tiles[row * columns + column].push(thing)
      }
    }
  }
  return (column, row) => tiles[(row >> SHIFT) * columns + (column >> SHIFT)]
}
