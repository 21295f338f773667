import { Option } from '@commander-js/extra-typings'
import type { NatsConnection } from '@nats-io/transport-node'
import { flagName } from '../../option-text.ts'
import { UsageError } from '../../run/usage-error.ts'
import { type BrokerFlags, brokerFlags, connectBroker, requireRunName, withoutSecrets } from './broker.ts'

/** The flags of a command that trains, with which it learns from actors. */
export const actorFlags = (): Option[] => {
  const heading = 'Actors on other machines:'
  return [
    ...brokerFlags(heading),
    new Option('--run <name>', 'name of the run on the NATS server, by which actors find it'),
    new Option('--no-act', 'leave all acting to actors (sac act), and only learn'),
    new Option(
      '--max-staleness <updates>',
      'drop experience of policies that are more updates behind',
    ).argParser(parseStaleness),
  ].map(flag => flag.helpGroup(heading))
}

/** What these flags say. */
export interface ActorFlags extends BrokerFlags {
  run?: string
  act: boolean
  maxStaleness?: number
}

/** Takes the flags of actors out of all flags. */
export function splitActorFlags<Flags extends Partial<ActorFlags>>(flags: Flags) {
  const { nats, creds, nkey, token, run, act = true, maxStaleness, ...rest } = flags
  return { actors: { nats, creds, nkey, token, run, act, maxStaleness } as ActorFlags, rest }
}

/**
 * What the flags ask for: a run that learns from actors over the broker that they name, or one that acts alone.
 * @returns undefined for one that acts alone
 * @throws UsageError for flags that do not go together
 */
export async function openBroker(flags: ActorFlags): Promise<OverBroker | undefined> {
  const { nats, run, act, maxStaleness, ...others } = flags
  if (nats === undefined) {
    const given = Object.entries({ ...others, run, maxStaleness, noAct: act ? undefined : true })
    const lonely = given.find(([, value]) => value !== undefined)?.[0]
    if (lonely) throw new UsageError(`${flagName(lonely)} goes with --nats, the address of a NATS server.`)
    return undefined
  }
  const name = requireRunName(run)
  const connection = await connectBroker(flags)
  return {
    connection,
    run: name,
    acts: act,
    maxStaleness,
    flags: ` --nats ${withoutSecrets(nats)} --run ${name}`,
  }
}

function parseStaleness(text: string): number {
  const updates = Number(text)
  if (text.trim() !== '' && updates >= 0) return updates
  throw new UsageError(`--max-staleness is '${text}'; it must be a number of updates of at least 0.`)
}

/** How a run learns over a broker. */
export interface OverBroker {
  connection: NatsConnection
  /** Its name on the broker. */
  run: string
  /** Whether the learner acts itself, too. */
  acts: boolean
  /** Chunks whose policy is more updates behind are dropped. */
  maxStaleness?: number
  /** What a command needs to resume it. */
  flags: string
}
