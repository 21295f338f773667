/** A box in R^n: a vector of `size` numbers, each between its own bounds. */
export interface Box {
  readonly kind: 'box'
  /** Extent of each axis; observations and actions themselves are always passed flat. */
  readonly shape: readonly number[]
  /** Number of elements, the product of `shape`. */
  readonly size: number
  /** Smallest allowed value of each element, `-Infinity` allowed. */
  readonly low: Float32Array
  /** Largest allowed value of each element, `Infinity` allowed. */
  readonly high: Float32Array
}
