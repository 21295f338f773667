import { whenThere } from './awaitable.ts'
import type { Env, StepResult, Vector } from './env.ts'
import { stateWith, wrap } from './wrappers.ts'

/** One step of an environment as it was recorded: all in the environment's units, in arrays of its own. */
export interface RecordedTransition {
  /** Before the step. */
  observation: number[]
  /** What was done. */
  action: number[]
  /** What the step earned. */
  reward: number
  /** After the step, also on the last one of an episode. */
  nextObservation: number[]
  /** The task itself ended. */
  terminated: boolean
  /** The episode was cut off. */
  truncated: boolean
}

/** An environment of which every step is recorded. */
export interface RecordedEnv extends Env {
  /** Reports the last step too, if it is not yet: as truncated, unless its episode ended by itself. `close` does it as well. */
  finish(): void
}

/**
 * Records every step of an environment, whoever takes it: `evaluate` with any policy, `train`, a person in a game loop, or
 * another program. A step is reported with the next call, because only then is it known whether its episode was given up,
 * which counts as truncated.
 *
 * @param record receives each transition
 * @example
 * const writer = createTransitionWriter('jsonl')
 * const recorded = recordTransitions(env, writer.add)
 * await evaluate(policy, recorded, { episodes: 10 })
 * recorded.finish()
 * const bytes = writer.finish()
 */
export function recordTransitions(env: Env, record: (transition: RecordedTransition) => void): RecordedEnv {
  let observation: number[] | undefined
  let pending: RecordedTransition | undefined

  function report(last: boolean): void {
    const transition = pending
    pending = undefined
    if (!transition) return
    if (last && !transition.terminated) transition.truncated = true
    record(transition)
  }

  const finish = () => report(true)

  return {
    ...wrap(env, {
      reset(options) {
        finish()
        return whenThere(env.reset(options), result => {
          observation = copy(result.observation)
          return result
        })
      },
      step(action) {
        report(false)
        // Before the step, because the environment may use the array for something else.
        const taken = copy(action)
        return whenThere(env.step(action), result => {
          note(taken, result)
          return result
        })
      },
      ...stateWith(env, 'a recording', {
        save: () => ({ observation: observation ?? [] }),
        restore(state) {
          if (!(Array.isArray(state.observation) && state.observation.every(Number.isFinite))) return false
          finish()
          observation = state.observation.length > 0 ? [...state.observation] : undefined
          return true
        },
      }),
      ...(env.close && {
        close() {
          finish()
          return env.close!()
        },
      }),
    }),
    finish,
  }

  function note(action: number[], { observation: next, reward, terminated, truncated }: StepResult): void {
    const nextObservation = copy(next)
    if (observation) pending = { observation, action, reward, nextObservation, terminated, truncated }
    observation = nextObservation
  }
}

const copy = (vector: Vector): number[] => Array.from(vector)
