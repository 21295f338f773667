/** Numbers of at least 0 at places from 0, with the sums of their halves, quarters and so on. */
export interface SumTree {
  /** Sum of all. */
  readonly total: number
  readonly bytes: number
  get(place: number): number
  set(place: number, value: number): void
  /** Sets all places. */
  load(values: Float64Array): void
  /** The first place up to which, itself included, the sum exceeds `sum`, a number from 0 to below `total`; never one with 0. */
  find(sum: number): number
}

/** A binary tree in one array: the children of node i are 2i and 2i + 1. All numbers are 0 at first. */
export function createSumTree(places: number): SumTree {
  const leaves = 2 ** Math.ceil(Math.log2(places))
  const sums = new Float64Array(2 * leaves)

  return {
    get total() {
      return sums[1]
    },

    bytes: sums.byteLength,

    get: place => sums[leaves + place],

    set(place, value) {
      let node = leaves + place
      sums[node] = value
      // Sums are made anew, not corrected: then they depend on the numbers alone, and not on how these came about.
      for (node >>= 1; node > 0; node >>= 1) sums[node] = sums[2 * node] + sums[2 * node + 1]
    },

    load(values) {
      sums.set(values, leaves)
      for (let node = leaves - 1; node > 0; node--) sums[node] = sums[2 * node] + sums[2 * node + 1]
    },

    find(sum) {
      let node = 1
      let rest = sum
      while (node < leaves) {
        node *= 2
        // Rounding may leave a rest where there is nothing on the right.
        if (rest < sums[node] || sums[node + 1] === 0) continue
        rest -= sums[node++]
      }
      return node - leaves
    },
  }
}
