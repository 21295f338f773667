/** At most one learner has a run: it holds a lease on the board, and renews it every second. */
import { requireOptions } from '../options.ts'
import { decodeJson, encodeJson, LEASE_KEY } from './board.ts'
import { RunError } from './run-error.ts'
import type { BoardEntry, Transport } from './transport.ts'

/** The right to learn from the actors of a run. */
export interface Lease {
  /** Aborts once another learner has the run. */
  readonly lost: AbortSignal
  /**
   * Renews it at once, before something that only its holder may do.
   * @throws RunError if another learner has the run
   */
  renew(): Promise<void>
  /** Gives it back, so that a learner that stands by takes over at once. */
  release(): Promise<void>
}

/** What `takeLease` takes. */
export interface TakeLeaseOptions {
  /** Whether to wait, for however long, until no other learner has the run. Default false. */
  standby?: boolean
  /** Ends the waiting. */
  signal?: AbortSignal
  /** Called once if there is another learner, or may be. */
  onWait?: () => void
}

/** What is on the board: another value at each renewal. */
interface LeaseValue {
  learner: string
  /** Milliseconds since 1970, by the learner's own clock: for people, as nothing depends on it. */
  time: number
  released?: boolean
}

const RENEW_MS = 1000
/** A learner that has not renewed its lease for so long has lost it as soon as another one wants it. */
const LAPSE_MS = 5000
const LOOK_MS = 500

const NAMES = Object.keys({ standby: true, signal: true, onWait: true } satisfies Record<
  keyof TakeLeaseOptions,
  true
>)

/**
 * Takes the lease of a run. One that was not given back, because its learner was killed, lapses after five seconds. Clocks of
 * different machines are not compared: what counts is that the lease has not changed while one was looking.
 *
 * @throws RunError if another learner has the run, unless this one stands by
 * @throws the reason of the signal once it aborts
 * @example
 * const lease = await takeLease(transport, { standby: true })
 * for await (const event of learnFromActors(agent, transport, { steps: 1000, lease })) console.log(event.type)
 */
export async function takeLease(transport: Transport, options: TakeLeaseOptions = {}): Promise<Lease> {
  requireOptions('takeLease', options, NAMES)
  const { standby = false, signal, onWait = () => {} } = options
  const learner = `${Date.now()}-${Math.random().toString(36).slice(2)}`
  let seen: { revision: number; since: number } | undefined
  let looked = performance.now()
  for (;;) {
    const [entry] = await transport.board([LEASE_KEY])
    const now = performance.now()
    // After a while in which nothing could be seen, the waiting begins anew: the broker may have been away.
    const wasAway = now - looked > LAPSE_MS / 2
    looked = now
    if (seen && entry && (entry.revision !== seen.revision || wasAway)) {
      if (!standby && entry.revision !== seen.revision) throw new RunError(TAKEN)
      seen = { revision: entry.revision, since: now }
    }
    const isFree = !entry || isReleased(entry) || (seen && now - seen.since >= LAPSE_MS)
    if (isFree) {
      const revision = await transport.swap(LEASE_KEY, leaseValue(learner), entry?.revision ?? 0)
      if (revision !== undefined) return hold(transport, learner, revision)
    } else if (!seen) {
      seen = { revision: entry.revision, since: now }
      onWait()
    }
    signal?.throwIfAborted()
    await new Promise(resolve => setTimeout(resolve, LOOK_MS))
  }
}

const TAKEN =
  'Another learner has this run. Stop it first, take another name, or start this one as a standby, which takes over when ' +
  'the other one ends.'

const leaseValue = (learner: string, released?: boolean) =>
  encodeJson({ learner, time: Date.now(), ...(released && { released }) } satisfies LeaseValue)

/** Who may write to the board can write anything there. */
function isReleased({ value }: BoardEntry): boolean {
  try {
    return decodeJson<LeaseValue>(value).released === true
  } catch {
    return true
  }
}

function hold(transport: Transport, learner: string, taken: number): Lease {
  const lost = new AbortController()
  let revision = taken
  let renewing: Promise<void> | undefined
  let isReleased = false

  async function swap(value: Uint8Array): Promise<void> {
    const next = await transport.swap(LEASE_KEY, value, revision)
    if (next !== undefined) revision = next
    else {
      lost.abort(
        new RunError(
          'Another learner has taken this run over, so this one stops. It learns again from what is not in the last checkpoint.',
        ),
      )
    }
  }
  /** One after the other, because each needs the revision that the one before made. */
  const renew = async () => {
    renewing ??= swap(leaseValue(learner)).finally(() => {
      renewing = undefined
    })
    await renewing
    lost.signal.throwIfAborted()
  }
  const timer = setInterval(() => void renew().catch(() => {}), RENEW_MS)

  return {
    lost: lost.signal,
    renew,
    async release() {
      if (isReleased) return
      isReleased = true
      clearInterval(timer)
      await renewing?.catch(() => {})
      if (!lost.signal.aborted) await swap(leaseValue(learner, true))
    },
  }
}
