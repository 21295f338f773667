/** Where the episodes of a lane end, so that the last transition of one is found without walking through it. */
export interface EpisodeEnds {
  /** Says that an episode ends with a transition, by its number; not before one that was added earlier. */
  add(number: number): void
  /** Forgets those of transitions before a number. */
  dropBefore(number: number): void
  /** The first end that is not before a number; undefined if that episode is in progress. */
  endOf(number: number): number | undefined
  clear(): void
}

/** Numbers in the order in which they were added; those that were dropped are cleared away now and then. */
export function createEpisodeEnds(): EpisodeEnds {
  let numbers: number[] = []
  let first = 0

  return {
    add(number) {
      if (numbers.length === 0 || numbers[numbers.length - 1] !== number) numbers.push(number)
    },

    dropBefore(number) {
      while (first < numbers.length && numbers[first] < number) first++
      if (first <= 64 || 2 * first <= numbers.length) return
      numbers = numbers.slice(first)
      first = 0
    },

    endOf(number) {
      let low = first
      let high = numbers.length
      while (low < high) {
        const middle = (low + high) >> 1
        if (numbers[middle] < number) low = middle + 1
        else high = middle
      }
      return numbers[low]
    },

    clear() {
      numbers = []
      first = 0
    },
  }
}
