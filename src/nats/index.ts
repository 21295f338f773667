/**
 * Runs on NATS JetStream, for Node and pages: a stream is the log of a run, a key-value bucket its board.
 * @module soft-actor-critic/nats
 */
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import type { KV, KvEntry } from '@nats-io/kv'
import type { NatsConnection } from '@nats-io/nats-core'
import type { BoardEntry, LogEntry, Transport } from '../distributed/transport.ts'
import { RUN_NAME, runNames } from './names.ts'
import { persist } from './persist.ts'

export type { Transport } from '../distributed/transport.ts'
export { BrokerError } from './broker-error.ts'
export { listNatsRuns, type NatsRun } from './list-runs.ts'

/** What `openNatsTransport` takes. */
export interface NatsTransportOptions {
  /** Name of the run: letters, digits, `-` and `_`, at most 64. */
  run: string
  /** Bytes that its log keeps, when it is made. Default 1 GiB. */
  capacity?: number
  /** Makes stream and bucket if they are not there. A learner does; an actor waits until they are. Default false. */
  create?: boolean
  /** Receives a sentence when the broker is lost, and when it is back. */
  say?: (text: string) => void
  /** Ends the waiting for a run that is not there. */
  signal?: AbortSignal
}

/** Milliseconds between two looks for a run that is not there yet. */
const LOOK_MS = 500
/** A broker that is killed never answers; then the same is asked again. */
const ANSWER_MS = 2000
/** For so long the broker recognises a message that is sent again. The learner recognises it for ever. */
const DUPLICATES_NS = 120e9

/**
 * The transport of a run over a connection, which stays the caller's: `close` leaves it open.
 * @throws RangeError for a name that cannot be one
 * @throws BrokerError for what the broker does not allow
 * @example
 * const connection = await connect({ servers: 'nats://127.0.0.1:4222' })
 * const transport = await openNatsTransport(connection, { run: 'walkers' })
 */
export async function openNatsTransport(
  connection: NatsConnection,
  { run, capacity: wanted = 2 ** 30, create = false, say = () => {}, signal }: NatsTransportOptions,
): Promise<Transport> {
  if (!RUN_NAME.test(run)) {
    throw new RangeError(`'${run}' cannot name a run: use letters, digits, - and _, at most 64 of them.`)
  }
  const [{ jetstream, jetstreamManager }, { Kvm }] = await Promise.all([
    import('@nats-io/jetstream'),
    import('@nats-io/kv'),
  ])
  const stopped = new AbortController()
  // A connection that its owner closes, or whose credentials the broker no longer takes, does not come back.
  void connection.closed().then(error => stopped.abort(error ?? new Error('The connection is closed.')))
  const insist: Insist = (what, work, until = stopped.signal) => persist(what, work, { signal: until, say })
  const opening = signal ? AbortSignal.any([signal, stopped.signal]) : stopped.signal
  const open: Insist = (what, work) => insist(what, work, opening)
  const js = jetstream(connection, { timeout: ANSWER_MS })
  const manager = await open('open the run', () => jetstreamManager(connection, { timeout: ANSWER_MS }))
  const names = runNames(run)
  const kvm = new Kvm(js)
  if (create) await open('make the run', () => makeStream(manager, names, wanted))
  else
    await waitForRun(manager, names.stream, opening, () =>
      say(`waiting for a learner that begins the run ${run}`),
    )
  const board = await open('open the board', () =>
    create ? kvm.create(names.bucket, { history: 1 }) : kvm.open(names.bucket, { bindOnly: true }),
  )
  const { config } = await open('open the log', () => manager.streams.info(names.stream))

  const onReconnect = watchReconnects(connection)

  return {
    capacity: config.max_bytes > 0 ? config.max_bytes : wanted,

    async append(actor, bytes, id) {
      await insist('send experience', () => js.publish(names.experience(actor), bytes, { msgID: id }))
    },

    read: (position, until) =>
      readLog(js, names.stream, position, AbortSignal.any([until, stopped.signal]), insist, onReconnect),

    async end() {
      const { state } = await insist('read the log', () => manager.streams.info(names.stream))
      return state.last_seq + 1
    },

    async trim(position) {
      if (position <= 1) return
      await insist('trim the log', () => manager.streams.purge(names.stream, { seq: position }))
    },

    async put(key, value) {
      requireRoom(connection, value)
      await insist('write to the board', () => board.put(key, value))
    },

    async swap(key, value, revision) {
      requireRoom(connection, value)
      return insist('write to the board', () => swapOn(board, key, value, revision))
    },

    board: keys => insist('read the board', () => readBoard(board, keys)),

    watch: (keys, until) =>
      watchBoard(board, keys, AbortSignal.any([until, stopped.signal]), insist, onReconnect),

    async close() {
      stopped.abort(new Error('the transport is closed'))
    },
  }
}

type Names = ReturnType<typeof runNames>
/** Does something until it succeeds, or no longer than until a signal aborts. */
type Insist = <T>(what: string, work: () => Promise<T>, until?: AbortSignal) => Promise<T>

/** The same for what ends without a word when the signal aborts. */
async function insistUntil<T>(
  insist: Insist,
  what: string,
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  try {
    return await insist(what, work, signal)
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

/** Calls something whenever the connection is back, until what it returns is called. */
type OnReconnect = (call: () => void) => () => void

/** What was subscribed before a broker was killed hears nothing for many seconds: whoever reads begins again at once. */
function watchReconnects(connection: NatsConnection): OnReconnect {
  const calls = new Set<() => void>()
  const watch = async () => {
    for await (const { type } of connection.status())
      if (type === 'reconnect') for (const call of [...calls]) call()
  }
  void watch()
  return call => {
    calls.add(call)
    return () => calls.delete(call)
  }
}

/** Stops what reads when the signal aborts or the connection is back, until what it returns is called. */
function stopWith(stop: () => void, signal: AbortSignal, onReconnect: OnReconnect): () => void {
  signal.addEventListener('abort', stop, { once: true })
  const forget = onReconnect(stop)
  return () => {
    signal.removeEventListener('abort', stop)
    forget()
  }
}

/** Full means that actors wait: nothing that a broker has acknowledged is ever dropped for something newer. */
async function makeStream(
  manager: JetStreamManager,
  { stream, subjects }: Names,
  max_bytes: number,
): Promise<void> {
  const { DiscardPolicy, RetentionPolicy } = await import('@nats-io/jetstream')
  try {
    await manager.streams.info(stream)
  } catch (error) {
    if (!isMissing(error)) throw error
    await manager.streams.add({
      name: stream,
      subjects: [subjects],
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.New,
      max_bytes,
      duplicate_window: DUPLICATES_NS,
    })
  }
}

const isMissing = (error: unknown) => /stream not found/i.test(String(error))

async function waitForRun(
  manager: JetStreamManager,
  stream: string,
  signal: AbortSignal,
  onWait: () => void,
): Promise<void> {
  for (let waited = false; ; waited = true) {
    try {
      await manager.streams.info(stream)
      return
    } catch (error) {
      if (!waited && isMissing(error)) onWait()
    }
    await new Promise(resolve => setTimeout(resolve, LOOK_MS))
    signal.throwIfAborted()
  }
}

function requireRoom({ info }: NatsConnection, { length }: Uint8Array): void {
  const most = info?.max_payload
  if (most === undefined || length + 1024 <= most) return
  throw new RangeError(
    `The policy has ${length} bytes, and the broker takes messages of at most ${most}: ` +
      'raise max_payload in its configuration, up to 64 MB, or make the networks smaller.',
  )
}

/** Continues behind the last entry after anything that interrupts it. */
async function* readLog(
  js: JetStreamClient,
  stream: string,
  from: number,
  signal: AbortSignal,
  insist: Insist,
  onReconnect: OnReconnect,
): AsyncGenerator<LogEntry> {
  for (let next = from; !signal.aborted; ) {
    const consume = async () => {
      const consumer = await js.consumers.get(stream, { opt_start_seq: Math.max(next, 1) })
      return consumer.consume({ max_messages: 64 })
    }
    const messages = await insistUntil(insist, 'read the log', consume, signal)
    if (!messages) return
    const release = stopWith(() => void messages.close(), signal, onReconnect)
    try {
      if (signal.aborted) return
      for await (const { seq, subject, data } of messages) {
        if (seq < next) continue
        next = seq + 1
        yield { position: seq, actor: subject.slice(subject.lastIndexOf('.') + 1), bytes: data }
      }
    } finally {
      release()
      await messages.close()
    }
  }
}

const entryOf = ({ key, value, revision }: KvEntry): BoardEntry => ({ key, value, revision })

async function swapOn(
  board: KV,
  key: string,
  value: Uint8Array,
  revision: number,
): Promise<number | undefined> {
  try {
    return await (revision === 0 ? board.create(key, value) : board.update(key, value, revision))
  } catch (error) {
    if (!/wrong last sequence|key exists/i.test(String(error))) throw error
    // An attempt whose answer was lost has been made all the same.
    const entry = await board.get(key)
    const isOurs = entry?.length === value.length && value.every((byte, i) => entry.value[i] === byte)
    return isOurs ? entry.revision : undefined
  }
}

/** As the broker writes it: whatever begins with what stands before `*`. */
const pattern = (key: string) => key.replace(/\*$/, '>')

async function readBoard(board: KV, keys: readonly string[]): Promise<BoardEntry[]> {
  const names = []
  for await (const name of await board.keys(keys.map(pattern))) names.push(name)
  const entries = await Promise.all(names.map(name => board.get(name)))
  return entries.flatMap(entry => (entry?.operation === 'PUT' ? [entryOf(entry)] : []))
}

async function* watchBoard(
  board: KV,
  keys: readonly string[],
  signal: AbortSignal,
  insist: Insist,
  onReconnect: OnReconnect,
): AsyncGenerator<BoardEntry> {
  while (!signal.aborted) {
    const watch = () => board.watch({ key: keys.map(pattern) })
    const entries = await insistUntil(insist, 'read the board', watch, signal)
    if (!entries) return
    const release = stopWith(() => entries.stop(), signal, onReconnect)
    try {
      if (signal.aborted) return
      for await (const entry of entries) if (entry.operation === 'PUT') yield entryOf(entry)
    } finally {
      release()
      entries.stop()
    }
  }
}
