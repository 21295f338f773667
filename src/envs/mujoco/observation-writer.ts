import type { Range } from './mjcf.ts'

/** Fills an observation from front to back. */
export class ObservationWriter {
  #values: Float64Array = new Float64Array(0)
  #length = 0

  /** Begins an observation of `size` elements. What does not fit is only counted. */
  begin(size: number): Float64Array {
    this.#length = 0
    this.#values = new Float64Array(size)
    return this.#values
  }

  /** How many elements were added since `begin`. */
  get length(): number {
    return this.#length
  }

  /** Adds one number. */
  add(value: number): void {
    this.#values[this.#length++] = value
  }

  /** Adds elements `from` up to, and without, `to`. */
  addSlice(source: Float64Array, from = 0, to = source.length): void {
    for (let i = from; i < to; i++) this.#values[this.#length++] = source[i]
  }

  /** Adds elements `from` up to, and without, `to`, clipped to a range. */
  addClipped(source: Float64Array, [low, high]: Range, from = 0, to = source.length): void {
    for (let i = from; i < to; i++) this.#values[this.#length++] = Math.max(low, Math.min(high, source[i]))
  }
}
