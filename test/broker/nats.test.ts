import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { unlinkSync, writeFileSync } from 'node:fs'
import { join as joinPath } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterEach, expect, test } from 'vitest'
import {
  actFor,
  type IntakeNotice,
  type LearnFromActorsOptions,
  learnFromActors,
  makeEnv,
  SAC,
  type TrainingEvent,
  type TrainingState,
} from '../../src/index.ts'
import { openNatsTransport } from '../../src/nats/index.ts'
import { startBroker } from '../../tools/nats-server.ts'
import { readPage } from '../processes/pages/page.ts'

const OPTIONS = { seed: 3, hiddenSizes: [8, 8], learningStarts: 60, batchSize: 8, bufferSize: 20_000 }

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function broker() {
  const server = await startBroker()
  ends.push(server.close)
  return server
}

async function join(servers: string, options: { create?: boolean; capacity?: number } = {}) {
  const connection = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 50 })
  const transport = await openNatsTransport(connection, { run: 'walkers', ...options })
  ends.push(async () => {
    await transport.close()
    await connection.close()
  })
  return { connection, transport }
}

const makeAgent = async (options = {}) => SAC.create(await makeEnv('Pendulum-v1'), { ...OPTIONS, ...options })

async function act(servers: string, actor: string, signal: AbortSignal) {
  const { transport } = await join(servers)
  return actFor(transport, await makeEnv('Pendulum-v1'), { actor, signal })
}

/** Learns while two actors with connections of their own act. */
async function learn(
  servers: string,
  agent: SAC,
  options: LearnFromActorsOptions,
  onEvent: (event: TrainingEvent) => void,
) {
  const { transport } = await join(servers, { create: true, capacity: 2 ** 26 })
  const stop = new AbortController()
  const acting = ['one', 'two'].map(name => act(servers, name, stop.signal))
  try {
    for await (const event of learnFromActors(agent, transport, options)) onEvent(event)
  } finally {
    stop.abort()
  }
  await Promise.all(acting)
  return transport
}

test('two actors feed a learner, and the log on the broker gives the same weights again', async () => {
  const { servers } = await broker()
  const agent = await makeAgent()
  let done: TrainingState | undefined
  const options = { steps: 400, window: 64 }
  const transport = await learn(servers, agent, options, event => {
    if (event.type === 'done') done = event.state
  })
  const { epoch, actors } = done!.experience!
  expect(Object.keys(actors).sort()).toEqual(['one', 'two'])
  const again = await makeAgent()
  const state: TrainingState = {
    lanes: [],
    evaluationDue: false,
    experience: { epoch, start: 1, position: 1, actors: {} },
  }
  for await (const _ of learnFromActors(again, transport, { ...options, state }));
  expect(again.parameters()).toEqual(agent.parameters())
})

test('a broker that is killed three times loses nothing that it acknowledged, and nothing counts twice', async () => {
  const server = await broker()
  const agent = await makeAgent({ learningStarts: 1e9 })
  const notices: IntakeNotice[] = []
  let kills = 0
  let killing: Promise<void> | undefined
  let done: TrainingState | undefined
  await learn(server.servers, agent, { steps: 12_000, onNotice: notice => notices.push(notice) }, event => {
    if (event.type === 'done') done = event.state
    if (event.type !== 'step' || event.step < 2000 * (kills + 1) || kills === 3) return
    kills++
    killing = (killing ?? Promise.resolve()).then(server.kill).then(server.start)
  })
  await killing
  expect(kills).toBe(3)
  expect(notices.filter(({ type }) => type !== 'joined')).toEqual([])
  // The numbers of each actor have no gap, so that what was taken in is as many as the learner counted.
  const taken = Object.values(done!.experience!.actors).reduce((sum, { next }) => sum + next, 0)
  expect(taken).toBe(agent.steps)
  expect(agent.steps).toBe(12_000)
})

test('a learner that is killed resumes from its checkpoint, and actors go on', async () => {
  const { servers } = await broker()
  const stop = new AbortController()
  const agent = await makeAgent()
  const { transport } = await join(servers, { create: true })
  const acting = act(servers, 'one', stop.signal)
  let saved: { agent: ReturnType<SAC['state']>; training: TrainingState } | undefined
  for await (const event of learnFromActors(agent, transport, { steps: 1000, checkpointEvery: 300 })) {
    if (event.type === 'checkpoint' && !saved)
      saved = structuredClone({ agent: agent.state(), training: event.state })
    if (event.type === 'step' && event.step === 500) break
  }
  const again = await makeAgent()
  again.restore(saved!.agent)
  const { transport: other } = await join(servers, { create: true })
  let done: TrainingState | undefined
  for await (const event of learnFromActors(again, other, { steps: 700, state: saved!.training })) {
    if (event.type === 'done') done = event.state
  }
  stop.abort()
  await acting
  expect(again.steps).toBe(1000)
  expect(done!.experience!.actors.one.next).toBe(1000)
})

test('a full log makes actors wait, and drops nothing', async () => {
  const { servers } = await broker()
  const { transport, connection } = await join(servers, { create: true, capacity: 20_000 })
  const chunk = new Uint8Array(9000)
  await transport.append('one', chunk, 'a')
  await transport.append('one', chunk, 'b')
  let stored = false
  const third = transport.append('one', chunk, 'c').then(() => {
    stored = true
  })
  await new Promise(resolve => setTimeout(resolve, 600))
  expect(stored).toBe(false)
  await transport.trim(2)
  await third
  const { state } = await (await jetstreamManager(connection)).streams.info('SAC_walkers')
  expect([state.first_seq, state.last_seq]).toEqual([2, 3])
})

test('a message that is sent twice is stored once', async () => {
  const { servers } = await broker()
  const { transport } = await join(servers, { create: true })
  await transport.append('one', new Uint8Array(1), 'a')
  await transport.append('one', new Uint8Array(1), 'a')
  expect(await transport.end()).toBe(2)
})

test('a name that cannot be one is refused', async () => {
  const { servers } = await broker()
  const { connection } = await join(servers, { create: true })
  await expect(openNatsTransport(connection, { run: 'my.run' })).rejects.toThrow(
    "'my.run' cannot name a run: use letters, digits, - and _, at most 64 of them.",
  )
})

test('the actor in docs/distributed.md acts', async () => {
  const { servers } = await broker()
  const [program] = readPage('docs/distributed.md')
    .blocks('js')
    .filter(code => code.includes('@nats-io'))
  // Inside the package, where its own name leads to itself.
  const file = joinPath(import.meta.dirname, `../../dist/actor-${process.pid}.mjs`)
  writeFileSync(file, program.replace('nats://127.0.0.1:4222', servers))
  const { transport } = await join(servers, { create: true })
  const acting = spawn(process.execPath, [file], { stdio: ['ignore', 'inherit', 'inherit'] })
  try {
    const agent = await makeAgent()
    const notices: IntakeNotice[] = []
    const options = { steps: 100, onNotice: (notice: IntakeNotice) => notices.push(notice) }
    for await (const _ of learnFromActors(agent, transport, options));
    expect(notices).toEqual([{ type: 'joined', actor: 'kitchen' }])
  } finally {
    unlinkSync(file)
    acting.kill()
    await once(acting, 'exit')
  }
})
