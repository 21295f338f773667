import type { Gifenc } from './gifenc.ts'
import type { PictureSize } from './picture-size.ts'

/** A film as a GIF, which is played for ever. */
export interface Gif {
  /** Adds a picture, shown for `seconds`: red, green, blue, 255 for each pixel, row by row from the top. */
  add(pixels: Uint8ClampedArray, seconds: number): void
  /** Ends it and returns the file. */
  finish(): Uint8Array
}

/** Colours of a palette; one more index means that a pixel stays as it is. */
const COLORS = 255
/** Beyond this squared distance of red, green and blue a colour is not in the palette. */
const FAR = 3 * 14 ** 2
/** The share of pixels of which the colour may be missing before there is a new palette. */
const MISSING = 0.002

/**
 * A GIF of pictures of one size.
 *
 * The palette is chosen for the first picture, and again for each later one whose colours it lacks. Pixels that stay as
 * they are take hardly any space.
 * @param gifenc the package, which Node and bundlers load in different ways
 */
export function createGifWith(gifenc: Gifenc, { width, height }: PictureSize): Gif {
  const encoder = gifenc.GIFEncoder()
  const indices = new Uint8Array(width * height)
  /** The colour that each pixel shows now, or -1 before the first picture. */
  const present = new Int32Array(width * height).fill(-1)
  let first: Palette | undefined
  let palette: Palette | undefined
  let shownFor = 0

  return {
    add(pixels, seconds) {
      if (!palette || palette.missing(pixels) > MISSING * width * height)
        palette = choosePalette(gifenc, pixels)
      first ??= palette
      const { colors, packed, indexOf } = palette
      const same = colors.length
      for (let i = 0; i < indices.length; i++) {
        const index = indexOf(pixels, 4 * i)
        const color = packed[index]
        indices[i] = color === present[i] ? same : index
        present[i] = color
      }
      encoder.writeFrame(indices, width, height, {
        // The index of pixels that stay needs an entry, of any colour.
        palette: palette === first && shownFor > 0 ? undefined : [...colors, [0, 0, 0]],
        delay: 10 * (Math.round(100 * (shownFor + seconds)) - Math.round(100 * shownFor)),
        transparent: true,
        transparentIndex: same,
        dispose: 1,
      })
      shownFor += seconds
    },

    finish() {
      encoder.finish()
      return encoder.bytes()
    },
  }
}

type Palette = ReturnType<typeof choosePalette>

/** Colours for a picture, with a table of which is nearest to a colour of 6 bits each for red, green and blue. */
function choosePalette(gifenc: Gifenc, picture: Uint8ClampedArray) {
  const colors = gifenc.quantize(picture.slice(), COLORS)
  const packed = Int32Array.from(colors, ([r, g, b]) => (r << 16) | (g << 8) | b)
  const UNKNOWN = -1
  const MISSING_BIT = 1 << 8
  const table = new Int16Array(1 << 18).fill(UNKNOWN)

  /** The index of the nearest colour, with `MISSING_BIT` if that is far. */
  function lookUp(pixels: Uint8ClampedArray, at: number): number {
    const key = ((pixels[at] >> 2) << 12) | ((pixels[at + 1] >> 2) << 6) | (pixels[at + 2] >> 2)
    if (table[key] === UNKNOWN) table[key] = search(pixels[at], pixels[at + 1], pixels[at + 2])
    return table[key]
  }

  function search(red: number, green: number, blue: number): number {
    let nearest = Infinity
    let index = 0
    for (const [i, [r, g, b]] of colors.entries()) {
      const distance = (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2
      if (distance < nearest) {
        nearest = distance
        index = i
      }
    }
    return nearest > FAR ? index | MISSING_BIT : index
  }

  return {
    colors,
    /** As single numbers. */
    packed,
    /** The colour to show for a pixel. */
    indexOf: (pixels: Uint8ClampedArray, at: number) => lookUp(pixels, at) & (MISSING_BIT - 1),
    /** How many pixels have a colour far from all of these. */
    missing(pixels: Uint8ClampedArray): number {
      let count = 0
      for (let at = 0; at < pixels.length; at += 4) count += lookUp(pixels, at) >> 8
      return count
    },
  }
}
