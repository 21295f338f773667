/** Runs asynchronous work one piece after the other, in the order in which it was asked for. */
export interface Turns {
  /** Whether some of it has not ended yet. */
  readonly busy: boolean
  /** Starts `work` at once, or when all that was asked for before has ended, successfully or not. */
  take<T>(work: () => Promise<T>): Promise<T>
}

export function createTurns(): Turns {
  let last: Promise<unknown> | undefined
  return {
    get busy() {
      return last !== undefined
    },
    async take(work) {
      const turn = last ? last.then(work, work) : work()
      last = turn
      try {
        return await turn
      } finally {
        if (last === turn) last = undefined
      }
    },
  }
}
