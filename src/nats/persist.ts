import { BrokerError } from './broker-error.ts'

/** Milliseconds between two attempts. */
const AGAIN_MS = 250

/** Errors that the same attempt will meet again. */
const FINAL =
  /permissions violation|authorization|max_payload|maximum payload|jetstream (is )?not enabled|insufficient.*resources/i

/**
 * Does something until it succeeds: a broker that is gone comes back, and a log that is full is trimmed.
 * @param what is done, for people, as in 'send experience'
 * @throws the reason of the signal once it aborts; what no attempt could change
 */
export async function persist<T>(
  what: string,
  work: () => Promise<T>,
  { signal, say }: { signal: AbortSignal; say: (text: string) => void },
): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    signal.throwIfAborted()
    try {
      const result = await work()
      if (attempts > 4) say(`the broker is back: could ${what}`)
      return result
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (FINAL.test(reason)) {
        const hint = /jetstream/i.test(reason) ? ' Start it with JetStream, as in: nats-server -js' : ''
        throw new BrokerError(`The broker does not let this program ${what}: ${reason}.${hint}`, {
          cause: error,
        })
      }
      if (attempts === 4) say(`waiting for the broker: cannot ${what} (${reason})`)
    }
    await new Promise(resolve => setTimeout(resolve, AGAIN_MS))
  }
}
