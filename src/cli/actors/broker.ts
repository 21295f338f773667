/** The connection of a command to a broker. */
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { Option } from '@commander-js/extra-typings'
import type { NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node'
import { BrokerError } from '../../nats/broker-error.ts'
import type { NatsRun } from '../../nats/list-runs.ts'
import { RUN_NAME } from '../../nats/names.ts'
import { UsageError } from '../../run/usage-error.ts'

/** What the flags say of a broker. */
export interface BrokerFlags {
  nats?: string
  creds?: string
  nkey?: string
  token?: string
}

/** How long a lost connection takes to be noticed where nothing says that it is lost: twice this. */
const PING_MS = 2000

/** The flags with which a command finds a broker. */
export const brokerFlags = (heading = 'Options:'): Option[] =>
  [
    new Option(
      '--nats <url>',
      'the NATS server, as in nats://broker:4222 or tls://broker:4222; several with commas',
    ),
    new Option('--creds <file>', 'credentials for the NATS server: a file of nsc'),
    new Option('--nkey <file>', 'credentials for the NATS server: a file with the seed of an NKey'),
    new Option('--token <token>', 'credentials for the NATS server: a token'),
  ].map(flag => flag.helpGroup(heading))

/**
 * Connects to a broker.
 * @throws UsageError for a mistake in the flags, and where the clients are not installed
 * @throws Error if no server answers, or it refuses the credentials
 */
export async function connectBroker(flags: BrokerFlags): Promise<NatsConnection> {
  const { nats } = flags
  if (nats === undefined) throw new UsageError('Name the NATS server, as in: --nats nats://broker:4222')
  const options = connectionOptions({ ...flags, nats })
  const { connect, credsAuthenticator, nkeyAuthenticator } = await loadClient()
  const { creds, nkey } = flags
  if (creds !== undefined) options.authenticator = credsAuthenticator(secretIn(creds, '--creds'))
  if (nkey !== undefined) options.authenticator = nkeyAuthenticator(secretIn(nkey, '--nkey'))
  const place = withoutSecrets(nats)
  try {
    return await connect(options)
  } catch (cause) {
    throw new BrokerError(whyNot(place, cause), { cause })
  }
}

/** Connects to a broker for as long as the work takes. Throws as `connectBroker`. */
export async function withBroker<T>(
  flags: BrokerFlags,
  work: (connection: NatsConnection) => Promise<T>,
): Promise<T> {
  const connection = await connectBroker(flags)
  try {
    return await work(connection)
  } finally {
    await connection.close()
  }
}

/** @throws UsageError for a name that no run can have */
export function requireRunName(run: string | undefined): string {
  if (run === undefined)
    throw new UsageError('Name the run on the broker, as in: --nats nats://host:4222 --run walkers')
  if (RUN_NAME.test(run)) return run
  throw new UsageError(`--run is '${run}'; it must be of letters, digits, - and _, at most 64 of them.`)
}

/** @throws UsageError if there is no run of that name on a broker, naming those that there are */
export function requireRun(runs: readonly NatsRun[], name: string, place: string): NatsRun {
  const found = runs.find(({ run }) => run === name)
  if (found) return found
  const others = runs.map(({ run }) => run).join(', ')
  throw new UsageError(
    `There is no run ${name} at ${place}; there ${others === '' ? 'is none at all' : `are: ${others}`}.`,
  )
}

/** An address as it may be shown. */
export const withoutSecrets = (nats: string): string => nats.replace(/\/\/[^/,@]*@/g, '//')

/** A name for an actor on this machine. */
export const actorName = (role: string): string =>
  `${hostname()
    .replace(/[^\w-]/g, '-')
    .slice(0, 40)}-${role}`

function connectionOptions({
  nats,
  token,
  creds,
  nkey,
}: BrokerFlags & { nats: string }): NodeConnectionOptions {
  const urls = nats.split(',').map(parseAddress)
  const [{ username, password }] = urls
  const inUrl = username !== ''
  const given = [creds !== undefined, nkey !== undefined, token !== undefined, inUrl].filter(Boolean)
  if (given.length > 1) {
    throw new UsageError('Give one kind of credentials: --creds, --nkey, --token, or a user in --nats.')
  }
  const user = decodeURIComponent(username)
  return {
    servers: urls.map(({ host }) => host),
    name: 'sac',
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    pingInterval: PING_MS,
    ...(urls.some(({ protocol }) => protocol === 'tls:') && { tls: {} }),
    ...(token !== undefined && { token }),
    // As NATS itself reads it, a name without a password is a token.
    ...(inUrl && (password === '' ? { token: user } : { user, pass: decodeURIComponent(password) })),
  }
}

function parseAddress(text: string): URL {
  const address = text.includes('://') ? text : `nats://${text}`
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url && ['nats:', 'tls:'].includes(url.protocol) && url.hostname !== '') return url
  throw new UsageError(
    `--nats is '${withoutSecrets(text)}'; it must be an address such as nats://broker:4222 or tls://broker:4222.`,
  )
}

function secretIn(path: string, flag: string): Uint8Array {
  try {
    const text = readFileSync(path, 'utf8')
    // A seed in a file ends with a line break, which is no part of it.
    return new TextEncoder().encode(flag === '--nkey' ? text.trim() : text)
  } catch (cause) {
    throw new UsageError(`${flag} ${path} cannot be read: ${(cause as Error).message}`, { cause })
  }
}

const PACKAGES = ['nats-core', 'transport-node', 'jetstream', 'kv'].map(name => `@nats-io/${name}@3.3`)

async function loadClient(): Promise<typeof import('@nats-io/transport-node')> {
  try {
    await Promise.all([import('@nats-io/jetstream'), import('@nats-io/kv')])
    return await import('@nats-io/transport-node')
  } catch (cause) {
    throw new UsageError(
      `--nats needs the clients of NATS, which are not installed: npm install ${PACKAGES.join(' ')}`,
      { cause },
    )
  }
}

function whyNot(place: string, cause: unknown): string {
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause)
  if (/authorization|authentication|nonce|signature/i.test(reason)) {
    return `The NATS server at ${place} refuses these credentials (${reason}): see --creds, --nkey, --token.`
  }
  return (
    `No NATS server answers at ${place} (${reason}). Check the address, or start one with JetStream: ` +
    'nats-server -js'
  )
}
