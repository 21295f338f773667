import type { NatsConnection } from '@nats-io/nats-core'
import { STREAM_PREFIX } from './names.ts'

/** A run on a broker, and what its log holds. */
export interface NatsRun {
  /** Its name. */
  run: string
  /** Messages in the log. */
  messages: number
  /** Bytes of the log. */
  bytes: number
}

/**
 * The runs that have a log on a broker, by name.
 * @throws Error if the broker does not answer, or has no JetStream
 * @example
 * const runs = await listNatsRuns(connection)
 */
export async function listNatsRuns(connection: NatsConnection): Promise<NatsRun[]> {
  const { jetstreamManager } = await import('@nats-io/jetstream')
  const manager = await jetstreamManager(connection)
  const runs: NatsRun[] = []
  for await (const { config, state } of manager.streams.list()) {
    if (!config.name.startsWith(STREAM_PREFIX)) continue
    runs.push({ run: config.name.slice(STREAM_PREFIX.length), messages: state.messages, bytes: state.bytes })
  }
  return runs.sort((a, b) => (a.run < b.run ? -1 : 1))
}
