/** The part of gifenc that is used; it comes without types. */
export interface Gifenc {
  GIFEncoder(): Encoder
  /** Colours that approximate those of a picture; `pixels` must be the whole of its buffer. */
  quantize(pixels: Uint8ClampedArray, maxColors: number): Palette
}

/** Red, green and blue of each colour. */
type Palette = number[][]

interface Encoder {
  writeFrame(
    indices: Uint8Array,
    width: number,
    height: number,
    options: {
      /** The first frame's serves every frame without one of its own. */
      palette?: Palette
      /** Milliseconds. */
      delay: number
      transparent?: boolean
      transparentIndex?: number
      /** 1 leaves the frame where it is for the next to be drawn over. */
      dispose?: number
    },
  ): void
  finish(): void
  bytes(): Uint8Array
}
