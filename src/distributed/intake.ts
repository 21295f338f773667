/** What a learner does with the log: each entry is checked, counted once, and taken in a transition at a time. */
import type { Awaitable } from '../env/env.ts'
import type { SAC } from '../sac/agent.ts'
import type { ActorState, ExperienceState, TrainingState } from '../training/lanes.ts'
import type { Round, Rounds } from '../training/round.ts'
import {
  type Credit,
  creditKey,
  describeRun,
  encodeJson,
  encodeWeights,
  RUN_KEY,
  type RunDescription,
  WEIGHTS_KEY,
} from './board.ts'
import { type Chunk, ChunkError, decodeChunk } from './chunk.ts'
import type { LearnFromActorsOptions } from './learn.ts'
import { takeLease } from './lease.ts'
import { createRace, inTime } from './race.ts'
import type { LogEntry, Transport } from './transport.ts'

/** What is to be known of actors. */
export type IntakeNotice =
  /** Its first experience has come. */
  | { type: 'joined'; actor: string }
  /** What it sent is not taken. */
  | { type: 'refused'; actor: string; reason: string }
  /** Its policy was too old. */
  | { type: 'stale'; actor: string; updatesBehind: number; transitions: number }
  /** The log has lost entries before they were read. */
  | { type: 'lost'; entries: number }
  /** Transitions of an actor are not in the log, although it sent later ones. */
  | { type: 'missing'; actor: string; transitions: number }

type Settings = LearnFromActorsOptions &
  Required<Pick<LearnFromActorsOptions, 'window' | 'weightsEvery' | 'maxStaleness'>>

/** Milliseconds that a learner which has finished tries to tell its actors so. */
const LAST_MS = 2000

/** Nothing to report: the signal has aborted. */
const EMPTY: Round = { steps: [], episodes: [] }

/** Opens a run for actors, or opens it again where `settings.state` says that it was. */
export async function openIntake(agent: SAC, transport: Transport, settings: Settings): Promise<Rounds> {
  const { window, maxStaleness, signal, onNotice = () => {} } = settings
  const lease = settings.lease ?? (await takeLease(transport, { signal }))
  const since = settings.state?.experience ?? beginningAt(await transport.end(), Date.now())
  const actors = new Map(Object.entries(since.actors).map(([name, actor]) => [name, { ...actor }]))
  const run = describeRun(agent, {
    epoch: since.epoch,
    start: since.start,
    learner: `${Date.now()}-${Math.random().toString(36).slice(2)}`,
    window,
    settings: settings.settings,
  })
  const { hash } = run
  const end = new AbortController()
  const either = AbortSignal.any([end.signal, lease.lost, ...(signal ? [signal] : [])])
  const untilEnd = createRace(either)
  let position = since.position
  let chunk: { actor: string; from: ActorState; transitions: Chunk['transitions']; row: number } | undefined
  let bytesSinceCheckpoint = 0
  let trimTo = position
  const credited = new Map<string, number>()
  const publish = createPublisher(agent, transport, hash, settings.weightsEvery)
  const lastStep = agent.steps + settings.steps

  await untilEnd(transport.put(RUN_KEY, encodeJson(run)))
  await untilEnd(publish())
  const entries = transport.read(position, either)[Symbol.asyncIterator]()
  let coming: Promise<IteratorResult<LogEntry>> | undefined

  /** Waits for the next entry; newer weights that had to wait are published meanwhile. */
  async function nextEntry(): Promise<LogEntry | undefined> {
    coming ??= entries.next()
    for (;;) {
      const wait = publish.dueIn()
      const timer = wait === undefined ? undefined : createTimer(wait)
      const result = await untilEnd(timer ? Promise.race([coming, timer.rings]) : coming)
      timer?.stop()
      lease.lost.throwIfAborted()
      if (result) {
        coming = undefined
        return result.done ? undefined : result.value
      }
      if (either.aborted) return undefined
      await untilEnd(publish())
    }
  }

  async function credit(actor: string, state: Pick<ActorState, 'incarnation' | 'next'>, refused?: string) {
    const value: Credit = {
      incarnation: state.incarnation,
      upTo: state.next + window,
      ...(refused !== undefined && { refused }),
    }
    await untilEnd(transport.put(creditKey(actor), encodeJson(value)))
    credited.set(actor, state.next)
  }

  /** Reads on until there is a transition to take in. */
  async function nextRound(): Promise<Round> {
    if (chunk) {
      const { actor, from } = chunk
      chunk = undefined
      await untilEnd(publish())
      if (from.next - (credited.get(actor) ?? 0) >= window / 2) await credit(actor, from)
    }
    for (;;) {
      const entry = await nextEntry()
      if (!entry) return EMPTY
      if (entry.position > position) onNotice({ type: 'lost', entries: entry.position - position })
      position = entry.position + 1
      bytesSinceCheckpoint += entry.bytes.length
      if (settings.checkpointEvery === undefined) await trimConsumed()
      await open(entry)
      if (chunk) return takeIn()
    }
  }

  /** Makes a chunk of an entry, unless there is a reason against it, which an actor that can still hear it is told. */
  async function open({ actor, bytes }: LogEntry): Promise<void> {
    const refuse = async (reason: string, incarnation?: number) => {
      onNotice({ type: 'refused', actor, reason })
      if (incarnation !== undefined) await credit(actor, { incarnation, next: 0 }, reason)
    }
    let read: Chunk
    try {
      read = decodeChunk(bytes, hash, agent)
    } catch (error) {
      if (!(error instanceof ChunkError)) throw error
      await refuse(error.message, actors.get(actor)?.incarnation)
      return
    }
    const { incarnation, first, transitions, policyUpdates } = read
    let from = actors.get(actor)
    if (from && incarnation < from.incarnation) {
      // The newer process reads the same key, so that nothing is put there for the older one.
      await refuse('a newer process acts under the same name')
      return
    }
    if (!from || incarnation > from.incarnation) {
      const lane = from?.lane ?? actors.size % agent.options.envs
      from = { incarnation, next: 0, lane, return: 0, length: 0 }
      actors.set(actor, from)
      credited.set(actor, 0)
      agent.endEpisode(lane)
      onNotice({ type: 'joined', actor })
    }
    const done = Math.max(0, from.next - first)
    if (done >= transitions.length) return
    if (first > from.next) {
      onNotice({ type: 'missing', actor, transitions: first - from.next })
      agent.endEpisode(from.lane)
    }
    const behind = agent.updates - policyUpdates
    // One that was begun is finished, also after a resume in the middle of it.
    if (done === 0 && behind > maxStaleness) {
      from.next = first + transitions.length
      from.return = 0
      from.length = 0
      agent.endEpisode(from.lane)
      onNotice({ type: 'stale', actor, updatesBehind: behind, transitions: transitions.length })
      await credit(actor, from)
      return
    }
    from.next = first + done
    chunk = { actor, from, transitions, row: done }
  }

  function takeIn(): Round {
    const { from, transitions, row } = chunk!
    const transition = transitions[row]
    agent.updatesDue += agent.observe(transition, from.lane)
    chunk!.row++
    from.next++
    const { reward, terminated, truncated } = transition
    from.return += reward
    from.length++
    const common = { step: agent.steps, environment: from.lane, terminated, truncated }
    const round: Round = { steps: [{ type: 'step', reward, ...common }], episodes: [] }
    if (terminated || truncated) {
      const { return: sum, length } = from
      round.episodes.push({ type: 'episode', episode: agent.episodes, return: sum, length, ...common })
      from.return = 0
      from.length = 0
    }
    return round
  }

  /** Without checkpoints nobody will ever read again what has been read. */
  async function trimConsumed(): Promise<void> {
    if (!isLogFilling()) return
    bytesSinceCheckpoint = 0
    await untilEnd(transport.trim(position))
  }

  const isLogFilling = () => bytesSinceCheckpoint > transport.capacity / 4

  return {
    next: (): Awaitable<Round> => (chunk && chunk.row < chunk.transitions.length ? takeIn() : nextRound()),

    async state() {
      const inside = chunk && chunk.row < chunk.transitions.length
      const experience: ExperienceState = {
        epoch: run.epoch,
        start: run.start,
        // What was taken in of an entry is not taken in again, because the actor's next number is above it.
        position: inside ? position - 1 : position,
        actors: Object.fromEntries([...actors].map(([name, actor]) => [name, { ...actor }])),
      }
      return { lanes: [], experience }
    },

    checkpointDue: () => settings.checkpointEvery !== undefined && isLogFilling(),

    // The checkpoint before this one may yet be needed, and what came after it with it.
    async saved() {
      bytesSinceCheckpoint = 0
      // Another learner, which may have the run by now, needs what it has not read.
      await lease.renew()
      await untilEnd(transport.trim(trimTo))
      trimTo = position - 1
    },

    async release() {
      if (settings.steps > 0 && agent.steps >= lastStep && !lease.lost.aborted) {
        await inTime(transport.put(RUN_KEY, encodeJson({ ...run, finished: true })), LAST_MS)
      }
      if (!settings.lease) await inTime(lease.release(), LAST_MS)
      end.abort(new Error('the learner has ended'))
      coming?.catch(() => {})
      await entries.return?.()
    },
  }
}

const beginningAt = (start: number, epoch: number): ExperienceState => ({
  epoch,
  start,
  position: start,
  actors: {},
})

/**
 * The state of a run of which nothing has been learned yet: for a learner that begins it again, because the one before was
 * killed before it had saved anything.
 * @example
 * const { run } = await surveyRun(transport)
 * for await (const event of learnFromActors(agent, transport, { steps: 1000, state: beginningOf(run) })) console.log(event.type)
 */
export const beginningOf = ({ start, epoch }: Pick<RunDescription, 'start' | 'epoch'>): TrainingState => ({
  lanes: [],
  evaluationDue: false,
  experience: beginningAt(start, epoch),
})

/** Publishes the newest policy, unless it is out already or the last one went out a moment ago. */
function createPublisher(agent: SAC, transport: Transport, hash: number, every: number) {
  let last = { updates: -1, steps: -1, at: -Infinity }
  const isNew = () =>
    last.updates !== agent.updates || (last.steps !== agent.steps && last.steps < agent.randomUntil)
  const publish = async () => {
    if (!isNew() || performance.now() - last.at < every) return
    const { updates, steps, randomUntil } = agent
    last = { updates, steps, at: performance.now() }
    await transport.put(
      WEIGHTS_KEY,
      encodeWeights(agent, { hash, updates, steps, learningFrom: randomUntil }),
    )
  }
  /** Milliseconds until there is something to publish; undefined if there is nothing new. */
  publish.dueIn = () => (isNew() ? Math.max(0, every - (performance.now() - last.at)) : undefined)
  return publish
}

function createTimer(milliseconds: number) {
  let stop = () => {}
  const rings = new Promise<undefined>(resolve => {
    const timer = setTimeout(resolve, milliseconds, undefined)
    stop = () => clearTimeout(timer)
  })
  return { rings, stop: () => stop() }
}
