import { DataError } from '../data/data-error.ts'
import { readTransitions } from '../data/read.ts'
import type { SAC } from '../sac/agent.ts'
import { openTransitions } from './open-transitions.ts'
import type { RunSettings } from './settings.ts'
import { UsageError } from './usage-error.ts'

/** What an agent has taken in. */
export interface TakenDemonstrations {
  /** In the file. */
  transitions: number
  /** Fewer if there are more than `bufferSize`. */
  kept: number
}

/**
 * Gives an agent the demonstrations of a run's settings, if these name any.
 * @throws UsageError if there is no such file, or one that cannot be learned from
 */
export async function takeDemonstrations(
  agent: SAC,
  settings: RunSettings,
  signal?: AbortSignal,
): Promise<TakenDemonstrations | undefined> {
  const { demonstrations, demonstrationsInto, cloningUpdates, demonstrationUpdates } = settings
  const { cloningWeight } = settings.options
  for (const [name, value] of Object.entries({ cloningUpdates, demonstrationUpdates, cloningWeight })) {
    if (value === 0 || (demonstrations !== undefined && demonstrationsInto === 'batches')) continue
    throw new UsageError(
      `${name} is ${value}: name the demonstrations to imitate, with demonstrationsInto batches.`,
    )
  }
  if (demonstrations === undefined) return undefined
  const into = demonstrationsInto === 'batches' ? 'demonstrations' : 'replay'
  try {
    const rows = readTransitions(openTransitions(demonstrations), agent)
    const transitions = await agent.learnFrom(rows, { into, signal })
    if (transitions === 0) throw new DataError(`${demonstrations} has no transitions.`)
    if (cloningUpdates > 0) await agent.cloneDemonstrations(cloningUpdates, { signal })
    if (demonstrationUpdates > 0) await agent.learnFromDemonstrations(demonstrationUpdates, { signal })
    const memory = into === 'replay' ? agent.replay : agent.demonstrations
    return { transitions, kept: memory!.size }
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause
    throw new UsageError(cause.message, { cause })
  }
}
