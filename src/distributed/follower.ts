import {
  type Credit,
  creditKey,
  decodeJson,
  decodeRun,
  decodeWeights,
  RUN_KEY,
  type RunDescription,
  WEIGHTS_KEY,
  type Weights,
} from './board.ts'
import { createRace } from './race.ts'
import { RunChangedError, RunError } from './run-error.ts'
import type { Transport } from './transport.ts'

/** The newest of what a run's board says to one actor. */
export interface Follower {
  readonly weights: Weights | undefined
  /** The actor may send transitions with smaller numbers. */
  readonly upTo: number
  /** Whether the actor is to end: the signal has aborted, or something has failed. */
  readonly ended: boolean
  readonly failure: Error | undefined
  /** The description of the run, once there is one; undefined if the actor is to end before. */
  run(): Promise<RunDescription | undefined>
  firstWeights(): Promise<void>
  /** Resolves when something of it has changed, or the actor is to end. */
  changes(): Promise<void>
  /** Waits for a promise, or no longer than until the actor is to end. */
  untilEnd<T>(promise: Promise<T>): Promise<T | undefined>
  end(): void
}

/** Watches the board of a run for an actor. */
export function followRun(
  transport: Transport,
  { actor, incarnation, signal }: { actor: string; incarnation: number; signal?: AbortSignal },
): Follower {
  const end = new AbortController()
  const either = signal ? AbortSignal.any([signal, end.signal]) : end.signal
  const untilEnd = createRace(either)
  let run: RunDescription | undefined
  let weights: Weights | undefined
  let upTo = 0
  let failure: Error | undefined
  const waiting: (() => void)[] = []

  const wake = () => {
    for (const resolve of waiting.splice(0)) resolve()
  }
  const fail = (error: unknown) => {
    failure ??= error instanceof Error ? error : new Error(String(error))
    end.abort(failure)
  }

  function take(key: string, value: Uint8Array): void {
    if (key === RUN_KEY) {
      const newest = decodeRun(value)
      if (run && newest.hash !== run.hash) {
        throw new RunChangedError('The run has begun anew: what this actor does is no part of it.')
      }
      // Before the learner has heard of it, an actor may send what any may be ahead.
      if (!run) upTo = Math.max(upTo, newest.window)
      run = newest
      if (run.finished) end.abort()
    } else if (key === WEIGHTS_KEY) {
      const newest = decodeWeights(value)
      // Those of another run are what a learner has not yet replaced.
      if (run && newest.hash !== run.hash) return
      weights = newest
    } else {
      const credit = decodeJson<Credit>(value)
      if (credit.incarnation !== incarnation) return
      if (credit.refused !== undefined) {
        throw new RunError(
          `The learner takes nothing more from '${actor}', because of what it sent: ${credit.refused}.`,
        )
      }
      upTo = Math.max(upTo, credit.upTo)
    }
  }

  async function watch(): Promise<void> {
    const keys = [RUN_KEY, WEIGHTS_KEY, creditKey(actor)]
    for await (const { key, value } of transport.watch(keys, either)) {
      take(key, value)
      wake()
    }
  }
  either.addEventListener('abort', wake)
  watch().catch(fail)

  async function changes(): Promise<void> {
    if (either.aborted) return
    await new Promise<void>(resolve => waiting.push(resolve))
  }

  return {
    get weights() {
      return weights
    },
    get upTo() {
      return upTo
    },
    get ended() {
      return either.aborted
    },
    get failure() {
      return failure
    },
    async run() {
      while (!run && !either.aborted) await changes()
      if (failure) throw failure
      return run
    },
    async firstWeights() {
      while (!either.aborted && weights?.hash !== run?.hash) await changes()
    },
    changes,
    untilEnd,
    end: () => end.abort(),
  }
}
