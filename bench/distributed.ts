/** Actors in processes of their own, a broker, and one learner, all on this machine: how much goes through, and how soon. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { connect } from '@nats-io/transport-node'
import { learnFromActors, SAC } from '../src/index.ts'
import { openNatsTransport, type Transport } from '../src/nats/index.ts'
import { startBroker } from '../tools/nats-server.ts'
import { stillEnv } from './distributed-actor.ts'
import { atLeast, atMost, type Row } from './measure.ts'

const ACTOR = join(import.meta.dirname, 'distributed-actor.js')
/** About an actor of HalfCheetah-v5 at full size. */
const POLICY_BYTES = 300_000
const POLICIES = 200

export async function distributed(): Promise<Row[]> {
  const broker = await startBroker()
  const actors: ChildProcess[] = []
  const act = (run: string, count: number, milliseconds: number) => {
    for (let i = 0; i < count; i++) {
      const args = [ACTOR, broker.servers, run, `actor-${i}`, String(milliseconds)]
      actors.push(spawn(process.execPath, args, { stdio: 'ignore' }))
    }
  }
  const stop = () => {
    for (const actor of actors.splice(0)) actor.kill('SIGKILL')
  }
  const open = async (run: string, create = true) => {
    const connection = await connect({ servers: broker.servers })
    return { connection, transport: await openNatsTransport(connection, { run, create }) }
  }
  try {
    const { transport } = await open('weights')
    const idle = await latencies(transport, (await open('weights', false)).transport)

    const busy = await open('busy')
    act('busy', 4, 0)
    const learning = stepsPerSecond(busy.transport, { from: 50_000, to: 450_000, window: 8192 })
    const loaded = await latencies(transport, (await open('weights', false)).transport)
    const intake = await learning
    stop()

    const slow: number[] = []
    for (const count of [1, 16]) {
      const { transport } = await open(`slow-${count}`)
      act(`slow-${count}`, count, 5)
      slow.push(await stepsPerSecond(transport, { from: 200 * count, to: 1500 * count }))
      stop()
    }
    const share = (100 * slow[1]) / (16 * slow[0])

    const joined = await open('joined')
    const began = performance.now()
    act('joined', 1, 0)
    await stepsPerSecond(joined.transport, { from: 0, to: 1 })
    const contributes = (performance.now() - began) / 1000

    const spread = (
      [half, most]: readonly [number, number],
      which: string,
      bounds: [number, number],
    ): Row[] => [
      {
        what: `policy of 300 kB, learner to actor, ${which}, p50`,
        value: half,
        unit: 'ms',
        ...atMost(bounds[0], half),
      },
      {
        what: `policy of 300 kB, learner to actor, ${which}, p95`,
        value: most,
        unit: 'ms',
        ...atMost(bounds[1], most),
      },
    ]
    return [
      {
        what: 'taken in from 4 actors, sizes of HalfCheetah-v5, no updates',
        value: intake,
        unit: 'transitions/s',
        ...atLeast(200_000, intake),
      },
      ...spread(idle, 'idle', [20, 100]),
      ...spread(loaded, 'under that load', [50, 250]),
      { what: 'one actor with steps of 5 ms', value: slow[0], unit: 'steps/s' },
      { what: '16 of them', value: slow[1], unit: 'steps/s' },
      { what: '16 of them, of 16 times one', value: share, unit: '%', ...atLeast(90, share) },
      { what: 'a new actor contributes after', value: contributes, unit: 's', ...atMost(2, contributes) },
    ]
  } finally {
    stop()
    await broker.close()
  }
}

/** Transitions a second that a learner which makes no updates takes in between two numbers of them. */
async function stepsPerSecond(
  transport: Transport,
  { from, to, window }: { from: number; to: number; window?: number },
): Promise<number> {
  const agent = await SAC.create(stillEnv(), { hiddenSizes: [256, 256], learningStarts: 1e9 })
  let began = performance.now()
  for await (const { step } of learnFromActors(agent, transport, { steps: to, window })) {
    if (step <= from) began = performance.now()
  }
  const seconds = (performance.now() - began) / 1000
  await agent.dispose()
  return (to - from) / seconds
}

/** Median and 95th percentile of the milliseconds from a policy's being put until a reader has it. */
async function latencies(writer: Transport, reader: Transport): Promise<[number, number]> {
  const stop = new AbortController()
  const times: number[] = []
  const began = performance.now()
  const arrived = (async () => {
    for await (const { value } of reader.watch(['weights'], stop.signal)) {
      const sent = new DataView(value.buffer, value.byteOffset).getFloat64(0)
      if (sent >= began) times.push(performance.now() - sent)
      if (times.length === POLICIES) return
    }
  })()
  const bytes = new Uint8Array(POLICY_BYTES)
  while (times.length < POLICIES) {
    new DataView(bytes.buffer).setFloat64(0, performance.now())
    await writer.put('weights', bytes)
    await setTimeout(20)
  }
  await arrived
  stop.abort()
  times.sort((a, b) => a - b)
  return [times[POLICIES / 2], times[Math.floor(0.95 * POLICIES)]]
}
