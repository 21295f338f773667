import { setTimeout } from 'node:timers/promises'
import { Option } from '@commander-js/extra-typings'
import type { Lease } from '../../distributed/lease.ts'
import { inTime } from '../../distributed/race.ts'
import type { Transport } from '../../distributed/transport.ts'
import { flagName } from '../../option-text.ts'
import { requireNobodyTrains } from '../../run/run-lock.ts'
import { UsageError } from '../../run/usage-error.ts'
import { say } from '../output/say.ts'
import { type BrokerFlags, brokerFlags, connectBroker, requireRunName, withoutSecrets } from './broker.ts'

/** The flags of a command that trains, with which it learns from actors. */
export const actorFlags = (): Option[] => {
  const heading = 'Actors on other machines:'
  return [
    ...brokerFlags(heading),
    new Option('--run <name>', 'name of the run on the NATS server, by which actors find it'),
    new Option('--no-act', 'leave all acting to actors (sac act), and only learn'),
    new Option(
      '--standby',
      'wait while another learner has the run, and resume it in --out when that one ends',
    ),
    stalenessFlag('drop experience of policies that are more updates behind'),
  ].map(flag => flag.helpGroup(heading))
}

/** What these flags say. */
export interface ActorFlags extends BrokerFlags {
  run?: string
  act: boolean
  standby?: boolean
  maxStaleness?: number
}

/** Takes the flags of actors out of all flags. */
export function splitActorFlags<Flags extends Partial<ActorFlags>>(flags: Flags) {
  const { nats, creds, nkey, token, run, act = true, standby, maxStaleness, ...rest } = flags
  return { actors: { nats, creds, nkey, token, run, act, standby, maxStaleness } as ActorFlags, rest }
}

/**
 * What the flags ask for: a run that learns from actors over the broker that they name, or one that acts alone. Waits until
 * no other learner has the run, if it is to stand by.
 *
 * @returns undefined for one that acts alone
 * @throws UsageError for flags that do not go together
 * @throws RunError if another learner has the run
 */
export async function openBroker(flags: ActorFlags): Promise<OverBroker | undefined> {
  const { nats, run, act, standby, maxStaleness, ...others } = flags
  if (nats === undefined) {
    const given = Object.entries({ ...others, run, standby, maxStaleness, noAct: act ? undefined : true })
    const lonely = given.find(([, value]) => value !== undefined)?.[0]
    if (lonely) throw new UsageError(`${flagName(lonely)} goes with --nats, the address of a NATS server.`)
    return undefined
  }
  const name = requireRunName(run)
  const connection = await connectBroker(flags)
  try {
    // Loaded only here, so that help and error messages need not wait for it.
    const [{ openNatsTransport }, { takeLease }] = await Promise.all([
      import('../../nats/index.ts'),
      import('../../distributed/lease.ts'),
    ])
    const transport = await openNatsTransport(connection, { run: name, create: true, say })
    const onWait = () =>
      say(
        standby ? `Standing by: another learner has ${name}` : `Looking whether another learner has ${name}`,
      )
    const lease = await takeLease(transport, { standby, onWait })
    return {
      transport,
      lease,
      acts: act,
      maxStaleness,
      flags: ` --nats ${withoutSecrets(nats)} --run ${name}`,
      async close() {
        await inTime(lease.release(), CLOSE_MS)
        await transport.close()
        await connection.close()
      },
    }
  } catch (error) {
    await connection.close()
    throw error
  }
}

/** Milliseconds that a learner which ends tries to say so to those that stand by. */
const CLOSE_MS = 2000

/** The flag that says how old a policy may be whose experience is learned from. */
export const stalenessFlag = (description: string) =>
  new Option('--max-staleness <updates>', description).argParser(parseStaleness)

function parseStaleness(text: string): number {
  const updates = Number(text)
  if (text.trim() !== '' && updates >= 0) return updates
  throw new UsageError(`--max-staleness is '${text}'; it must be a number of updates of at least 0.`)
}

/** How a run learns over a broker. */
export interface OverBroker {
  transport: Transport
  lease: Lease
  /** Whether the learner acts itself, too. */
  acts: boolean
  /** Chunks whose policy is more updates behind are dropped. */
  maxStaleness?: number
  /** What a command needs to resume it. */
  flags: string
  /** Lets another learner have the run. */
  close(): Promise<void>
}

/** A learner that lost its run to this one, because it was out of reach, ends once it hears of that. */
export async function untilNobodyTrains(directory: string): Promise<void> {
  for (let said = false; ; said = true) {
    try {
      await requireNobodyTrains(directory)
      return
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      if (!said) say(`Waiting: ${error.message}`)
    }
    await setTimeout(LOOK_MS)
  }
}

const LOOK_MS = 500
