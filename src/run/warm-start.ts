import type { SAC } from '../sac/agent.ts'
import { loadRun } from './load-run.ts'
import { UsageError } from './usage-error.ts'

/**
 * Gives an agent the weights that another run has learned; its replay buffer and optimisers start empty.
 * @throws UsageError if there is no such run, or its networks have other sizes
 */
export function warmStart(agent: SAC, directory: string): void {
  const { parameters } = loadRun(directory)
  try {
    agent.loadParameters(parameters)
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new UsageError(`The weights of ${directory} do not fit this run. ${cause.message}`, { cause })
  }
}
