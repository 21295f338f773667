/**
 * Tiles in a module of their own, which V8 can compile to 256-bit instructions: it joins two neighbouring operations
 * of 128 bits, which changes no bit of any result. Only straight code like that of these tiles is ever compiled so.
 */
import { type MemoryImport, ModuleBuilder } from '../assembler/module-builder.ts'
import { type BareTile, bareParameters, defineBareTile, nameOf, type TileSize } from './tile.ts'

/** Rows of a wide tile: with fused multiply-add six fit in the registers along with their operands. */
export const wideHeight = (relaxed: boolean): TileSize['height'] => (relaxed ? 6 : 4)

const WIDTHS = [8, 16] as const

const nameOfTile = (relaxed: boolean, width: (typeof WIDTHS)[number]): string =>
  `${relaxed ? 'fast' : 'exact'}_${nameOf({ height: wideHeight(relaxed), width })}`

/** Declares the tiles as imports of a program's module, `wide.<name>`. */
export function importWideTiles(module: ModuleBuilder, relaxed: boolean): Map<8 | 16, BareTile> {
  const tileOf = (width: 8 | 16) => module.importFunction('wide', nameOfTile(relaxed, width), bareParameters)
  return new Map(WIDTHS.map(width => [width, tileOf(width)]))
}

/** The module of the tiles of both arithmetics, for any memory that is shared or not. */
export function wideModule(shared: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder()
  const memory: MemoryImport = { module: 'env', field: 'memory', pages: 1 }
  module.importMemory(shared ? { ...memory, maximumPages: 65536, shared: true } : memory)
  for (const relaxed of [false, true]) {
    for (const width of WIDTHS) {
      const size = { height: wideHeight(relaxed), width }
      defineBareTile(module, { relaxed }, size, nameOfTile(relaxed, width))
    }
  }
  return module.bytes()
}
