import type { NatsConnection } from '@nats-io/transport-node'
import type { Presence } from '../../distributed/board.ts'
import { surveyRun } from '../../distributed/survey.ts'
import { type NatsRun, openNatsTransport } from '../../nats/index.ts'
import { environmentName } from '../../run/environment-path.ts'
import { formatCount, formatDuration } from '../output/format.ts'
import { formatTable } from '../output/table.ts'
import type { SharedSettings } from './shared-environment.ts'

/** After so long without a word an actor has gone. */
const GONE_MS = 60_000

/** A run on a broker and its actors, as text. */
export async function describeNatsRun(
  connection: NatsConnection,
  { run: name, messages, bytes }: NatsRun,
): Promise<string> {
  const transport = await openNatsTransport(connection, { run: name })
  const { run, newest, actors } = await surveyRun(transport)
  await transport.close()
  const log = `log of ${formatCount(messages)} messages, ${(bytes / 1e6).toFixed(1)} MB`
  if (!run) return `${name}: not begun yet, ${log}`
  const { steps, updates } = newest ?? { steps: 0, updates: 0 }
  const environment = environmentName(
    String(
      (run.settings as Partial<SharedSettings>)?.environment ?? run.environment ?? 'an unnamed environment',
    ),
  )
  const state = run.finished ? 'finished' : `step ${formatCount(steps)}, ${formatCount(updates)} updates`
  const present = Object.entries(actors).filter(([, { time }]) => Date.now() - time < GONE_MS)
  const heading = `${name}: ${environment}, ${state}, ${log}`
  if (present.length === 0) return `${heading}\n  no actors`
  const row = ([actor, presence]: [string, Presence]) => [
    actor,
    String(presence.environment ?? ''),
    formatCount(presence.stepsPerSecond),
    formatCount(presence.steps),
    formatCount(presence.episodes),
    formatCount(Math.max(0, updates - presence.policyUpdates)),
    `${formatDuration(Math.max(0, Date.now() - presence.time) / 1000)} ago`,
  ]
  return `${heading}\n${formatTable(HEADINGS, present.sort().map(row))}`
}

const HEADINGS = ['actor', 'environment', 'steps/s', 'steps', 'episodes', 'updates behind', 'last seen']
