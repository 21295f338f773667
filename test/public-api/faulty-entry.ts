/** Exports with the faults that the test of entry points must find. */

interface Hidden {
  secret: number
}

type Kept = { kept: Hidden }

/** Documented, but its members are not all. */
export class Shown {
  member = 1

  /** Answers with a type that is not exported. */
  method(): Hidden | undefined {
    return undefined
  }

  #own = 0

  /** Counts. */
  count(): number {
    this.#own++
    return this.#own
  }
}

export function make(kept: Kept): void {
  void kept
}

/** Has options without a line. */
export function take({ count = 1 }: { count?: number } = {}): number {
  return count
}

const hidden = (): Hidden => ({ secret: 1 })

/** Its type is written nowhere. */
export const inferred = { value: hidden() }
