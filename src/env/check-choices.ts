import type { Report } from './check-env.ts'
import { actionAt, type Discrete } from './discrete.ts'

/** Actions that are tried, of a space that may have thousands. */
const TRIED = 8

/**
 * Reports a discrete space of a single action, and one whose actions all do the same.
 * @param run a run from the same seed in which each action is the given one; undefined if there was an error
 */
export async function checkChoices(
  space: Discrete,
  run: (action: Float32Array) => Promise<{ trace: number[][] } | undefined>,
  report: Report,
): Promise<void> {
  if (space.n === 1) {
    report(
      'choices',
      'warning',
      'actionSpace has a single action: there is nothing to learn',
      'give it as many actions as there are choices',
    )
    return
  }
  const traces = new Set<string>()
  for (let index = 0; index < Math.min(space.n, TRIED); index++) {
    const result = await run(actionAt(space, index, new Float32Array(space.size)))
    traces.add(JSON.stringify(result?.trace))
  }
  if (traces.size > 1) return
  report(
    'choices',
    'warning',
    `it makes no difference which action is taken: the first ${Math.min(space.n, TRIED)} of ${space.n} lead to the same observations and rewards`,
    'read the choice as action[0], because an action is a vector also where it is a single number',
  )
}
