/** A run over a broker in which broker, actors, learners and network fail again and again, and what is lost by that. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectSocket, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { connect } from '@nats-io/transport-node'
import { openNatsTransport } from '../src/nats/index.ts'
import { readCheckpointFile } from '../src/run/checkpoint-file.ts'
import type { Checkpoint } from '../src/run/checkpoints.ts'
import { startBroker } from '../tools/nats-server.ts'
import { atMost, type Row } from './measure.ts'

/** How often what fails, and for how long the network does. */
export interface Faults {
  brokers: number
  actors: number
  learners: number
  cuts: number
  cutSeconds: number
}

/** What came of it. */
export interface FaultOutcome {
  /** Transitions that the broker had stored before the place up to which the last checkpoint has read. */
  stored: number
  /** Of these, how many the learner does not have. */
  lost: number
  /** How many it has more than once. */
  twice: number
  /** Steps of the learner between the last fault and the end. */
  afterwards: number
  /** Seconds from each kill of a learner until the one that stood by had resumed. */
  takeovers: number[]
}

/** Observations are random, so that each transition is recognised by the one that it begins with. */
const ENVIRONMENT = `
import { box } from 'soft-actor-critic'
export default function makeNoise() {
  let steps = 0
  const observe = () => [Math.random(), Math.random()]
  return {
    id: 'Noise',
    observationSpace: box({ low: [0, 0], high: [1, 1] }),
    actionSpace: box({ low: [-1], high: [1] }),
    reset: () => ({ observation: observe() }),
    async step() {
      await new Promise(resolve => setTimeout(resolve, 10))
      return { observation: observe(), reward: 0, terminated: ++steps % 50 === 0, truncated: false }
    },
  }
}
`

const SAC = join(import.meta.dirname, '../src/cli/main.js')
const RUN = 'faults'
const ACTORS = 3

/** Lets a run live through faults: it does not end before they have all been. */
export async function runWithFaults(faults: Faults, sac = SAC): Promise<FaultOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'))
  const broker = await startBroker()
  const network = await openNetwork(broker.servers)
  writeFileSync(join(folder, 'noise.js'), ENVIRONMENT)
  const processes = new Set<ChildProcess>()
  const start = (args: string) => {
    const child = spawn(process.execPath, [sac, ...args.split(' ')], { cwd: folder })
    processes.add(child)
    child.once('exit', () => processes.delete(child))
    return child
  }
  const place = `--nats ${network.address} --run ${RUN}`
  const startActor = () => start(`act ./noise.js --envs 2 ${place}`)
  const small = '--hidden-sizes 8 --batch-size 8 --learning-starts 100 --updates-per-step 0.1'
  const often = '--steps 10000000 --buffer-size 1000000 --checkpoint-every 500'
  const learners = await createLearners(() =>
    start(`train ./noise.js ${small} ${often} --no-act --standby --out run ${place}`),
  )
  const reader = await readEverything(broker.servers)
  const actors = Array.from({ length: ACTORS }, startActor)

  const kinds: (() => Promise<void>)[] = [
    ...Array(faults.brokers).fill(async () => {
      await broker.kill()
      await setTimeout(200)
      await broker.start()
    }),
    ...Array(faults.actors).fill(async () => {
      const which = Math.floor(Math.random() * ACTORS)
      actors[which].kill('SIGKILL')
      await once(actors[which], 'exit')
      actors[which] = startActor()
      // One that begins while there is no broker would end, and a supervisor start it again.
      await once(actors[which].stdout!, 'data')
    }),
    ...Array(faults.learners).fill(learners.kill),
    ...Array(faults.cuts).fill(async () => {
      network.cut()
      await setTimeout(1000 * faults.cutSeconds)
      network.mend()
    }),
  ]
  try {
    for (const fault of shuffled(kinds)) {
      await fault()
      await setTimeout(1000)
    }
    const before = Math.max(...stepsOfCheckpoints(folder))
    while (Math.max(...stepsOfCheckpoints(folder)) < before + 1000) await setTimeout(200)
    await learners.stop()
    const { agent, training } = newestCheckpoint(folder)
    const learned = agent.replay.lanes[0].records.flatMap(keysOfRecords)
    const stored = reader.before(training.experience!.position)
    const has = new Set(learned)
    return {
      stored: stored.size,
      lost: [...stored].filter(key => !has.has(key)).length,
      twice: learned.length - has.size,
      afterwards: agent.counters.steps - before,
      takeovers: learners.takeovers,
    }
  } finally {
    for (const child of processes) child.kill('SIGKILL')
    await reader.close()
    network.close()
    await broker.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Two learners, one of which stands by. */
async function createLearners(start: () => ChildProcess) {
  const takeovers: number[] = []
  const started = () => {
    const child = start()
    const has = (said: RegExp) =>
      new Promise<void>(resolve => {
        child.stdout!.on('data', data => said.test(String(data)) && resolve())
      })
    return { child, active: has(/Run directory|Resuming after/), waiting: has(/Standing by/) }
  }
  let active = started()
  await active.active
  let standby = started()
  await standby.waiting
  return {
    takeovers,
    async kill() {
      const since = performance.now()
      active.child.kill('SIGKILL')
      await standby.active
      takeovers.push((performance.now() - since) / 1000)
      ;[active, standby] = [standby, started()]
      await standby.waiting
    },
    /** The one that stands by first, so that it does not take over. */
    async stop() {
      standby.child.kill('SIGKILL')
      active.child.kill('SIGINT')
      await once(active.child, 'exit')
    },
  }
}

/** Reads the log beside the learner, over a network that does not fail. */
async function readEverything(servers: string) {
  const connection = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 50 })
  const stop = new AbortController()
  const transport = await openNatsTransport(connection, { run: RUN, create: true })
  const keys: [position: number, key: string][] = []
  const reading = (async () => {
    for await (const { position, bytes } of transport.read(1, stop.signal)) {
      for (const key of keysOfChunk(bytes)) keys.push([position, key])
    }
  })()
  return {
    before: (position: number) => new Set(keys.filter(([at]) => at < position).map(([, key]) => key)),
    async close() {
      stop.abort()
      await reading
      await transport.close()
      await connection.close()
    },
  }
}

/** As docs/distributed.md describes a chunk: the observations come after the header and the rewards. */
function keysOfChunk(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = view.getUint32(12, true)
  const at = (row: number, column: number) => view.getFloat32(64 + 8 * count + 8 * row + 4 * column, true)
  return Array.from({ length: count }, (_, row) => `${at(row, 0)} ${at(row, 1)}`)
}

/** A record is an observation, an action and a reward. */
const keysOfRecords = (records: Float32Array): string[] =>
  Array.from({ length: records.length / 4 }, (_, row) => `${records[4 * row]} ${records[4 * row + 1]}`)

const checkpointsIn = (folder: string): string[] => {
  try {
    return readdirSync(join(folder, 'run/checkpoints'))
      .filter(name => name.endsWith('.safetensors'))
      .sort()
  } catch {
    // There is none yet.
    return []
  }
}

const stepsOfCheckpoints = (folder: string): number[] => [
  0,
  ...checkpointsIn(folder).map(name => Number(/\d+/.exec(name)![0])),
]

const newestCheckpoint = (folder: string): Checkpoint =>
  readCheckpointFile(join(folder, 'run/checkpoints', checkpointsIn(folder).at(-1)!)).value as Checkpoint

/** Passes on what comes, until it is cut: then nothing gets through, and nobody is told. */
async function openNetwork(to: string) {
  const [host, port] = to.split(':')
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer(incoming => {
    const outgoing = connectSocket(Number(port), host)
    for (const [one, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ]) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
      if (isCut) one.pause()
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as { port: number }).port}`,
    cut() {
      isCut = true
      for (const socket of sockets) socket.pause()
    },
    mend() {
      isCut = false
      for (const socket of sockets) socket.resume()
    },
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function shuffled<T>(items: readonly T[]): T[] {
  const keyed = items.map(item => [Math.random(), item] as const)
  return keyed.sort(([a], [b]) => a - b).map(([, item]) => item)
}

/** The counts that docs/distributed.md names. */
export async function faults(): Promise<Row[]> {
  const asked = { brokers: 20, actors: 50, learners: 20, cuts: 1, cutSeconds: 10 }
  const { stored, lost, twice, takeovers } = await runWithFaults(asked)
  const slowest = Math.max(...takeovers)
  const what = 'broker killed 20 times, actors 50, learners 20, network cut 10 s'
  return [
    { what: `${what}: transitions stored`, value: stored, unit: '' },
    { what: '  of these, lost', value: lost, unit: '', ...atMost(0, lost) },
    { what: '  counted twice', value: twice, unit: '', ...atMost(0, twice) },
    { what: '  a standby has resumed after, slowest', value: slowest, unit: 's', ...atMost(10, slowest) },
  ]
}
