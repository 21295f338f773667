import { describe, expect, test } from 'vitest'
import type { RunDescription } from '../../src/distributed/board.ts'
import { type ChunkHeader, decodeChunk, encodeChunk } from '../../src/distributed/chunk.ts'
import {
  actFor,
  awaitRun,
  createInProcessTransport,
  type ExperienceState,
  type IntakeNotice,
  type LearnFromActorsOptions,
  learnFromActors,
  makeEnv,
  RunChangedError,
  SAC,
  surveyRun,
  type TrainingEvent,
  type TrainingState,
  type Transition,
  type Transport,
  timeLimit,
  train,
} from '../../src/index.ts'

const OPTIONS = { seed: 3, hiddenSizes: [8, 8], learningStarts: 60, batchSize: 8, bufferSize: 5000 }

async function pendulumAgent(options = {}) {
  const env = await makeEnv('Pendulum-v1')
  return { env, agent: await SAC.create(env, { ...OPTIONS, ...options }) }
}

/** The explorer of an agent in the same process, with its own random numbers. */
const itself = (agent: SAC) => ({
  explore: (observation: ArrayLike<number>) => agent.explore(observation as Float32Array),
  endEpisode() {},
  environmentSeed: () => agent.random.environment.uint32(),
})

async function drain(
  events: AsyncIterable<TrainingEvent>,
  onEvent: (event: TrainingEvent) => void = () => {},
) {
  for await (const event of events) onEvent(event)
}

/** Learns while an actor, or several, act by the policies that they are sent. */
async function learnWithActors(
  transport: Transport,
  agent: SAC,
  options: LearnFromActorsOptions,
  { names = ['one'], onEvent, ...more }: Record<string, unknown> & { names?: string[] } = {},
) {
  const stop = new AbortController()
  const acting = names.map(async (actor, i) =>
    actFor(transport, await makeEnv('Pendulum-v1'), { actor, seed: 5 + i, signal: stop.signal, ...more }),
  )
  await drain(learnFromActors(agent, transport, options), onEvent as never).finally(() => stop.abort())
  await Promise.all(acting)
}

/** What a learner reads from the log of a run, from the beginning. */
const fromTheStart = (epoch: number, state: Partial<ExperienceState> = {}): TrainingState => ({
  lanes: [],
  evaluationDue: false,
  experience: { epoch, start: 1, position: 1, actors: {}, ...state },
})

const runOn = async (transport: Transport): Promise<RunDescription> => {
  for await (const { value } of transport.watch(['run'], new AbortController().signal)) {
    return JSON.parse(new TextDecoder().decode(value))
  }
  throw new Error('no run')
}

test('an actor in lock-step gives the weights that training alone gives, bit for bit', async () => {
  const alone = await pendulumAgent()
  await drain(train(alone.agent, alone.env, { steps: 260 }))
  const { agent } = await pendulumAgent()
  const options = { steps: 260, window: 1, weightsEvery: 0 }
  await learnWithActors(createInProcessTransport(), agent, options, { explorer: itself(agent) })
  expect(agent.updates).toBe(200)
  expect(agent.parameters()).toEqual(alone.agent.parameters())
})

describe('what is learned depends on the log alone', () => {
  test('a log of two actors, read again, gives the same weights', async () => {
    const transport = createInProcessTransport()
    const { agent } = await pendulumAgent()
    let state: TrainingState | undefined
    const onEvent = (event: TrainingEvent) => {
      if (event.type === 'done') state = event.state
    }
    await learnWithActors(transport, agent, { steps: 300, window: 32 }, { names: ['one', 'two'], onEvent })
    expect(Object.keys(state!.experience!.actors)).toEqual(['one', 'two'])
    const again = (await pendulumAgent()).agent
    const { epoch } = state!.experience!
    await drain(learnFromActors(again, transport, { steps: 300, window: 32, state: fromTheStart(epoch) }))
    expect(again.updates).toBe(240)
    expect(again.parameters()).toEqual(agent.parameters())
  })

  test('a learner that is killed resumes from its checkpoint in the middle of a chunk, counting nothing twice', async () => {
    const transport = createInProcessTransport()
    const { agent } = await pendulumAgent()
    let saved: string | undefined
    let kept: ReturnType<SAC['state']> | undefined
    const onEvent = (event: TrainingEvent) => {
      if (event.type !== 'checkpoint' || saved) return
      saved = JSON.stringify(event.state)
      kept = structuredClone(agent.state())
    }
    await learnWithActors(
      transport,
      agent,
      { steps: 300, checkpointEvery: 101 },
      { onEvent, flushEvery: 1e6 },
    )
    const again = (await pendulumAgent()).agent
    again.restore(kept!)
    expect(again.steps).toBe(101)
    const state = JSON.parse(saved!)
    await drain(learnFromActors(again, transport, { steps: 199, state }))
    expect(again.steps).toBe(300)
    expect(again.parameters()).toEqual(agent.parameters())
  })
})

describe('what comes from outside', () => {
  const transition: Transition = {
    observation: [1, 0, 0],
    action: [0.5],
    reward: -1,
    nextObservation: [0, 1, 0],
    terminated: false,
  }

  /** A learner, and what becomes of the messages that are appended once it runs. */
  async function intake(
    messages: (header: ChunkHeader, agent: SAC) => [bytes: Uint8Array, actor?: string][],
    steps: number,
    options = {},
  ) {
    const transport = createInProcessTransport()
    const { agent } = await pendulumAgent()
    const notices: IntakeNotice[] = []
    const onNotice = (notice: IntakeNotice) => notices.push(notice)
    const learning = drain(learnFromActors(agent, transport, { steps, onNotice, ...options }))
    const { hash } = await runOn(transport)
    const header = { hash, incarnation: 10, first: 0, policyUpdates: 0, seed: 1 }
    const sound = encodeChunk(
      { ...header, incarnation: 99, policyUpdates: 99 },
      Array(steps).fill(transition),
      agent,
    )
    let number = 0
    for (const [bytes, actor = 'a'] of [...messages(header, agent), [sound, 'last'] as const]) {
      await transport.append(actor, bytes, String(number++))
    }
    await learning
    return { agent, notices, transport }
  }

  const changed = (bytes: Uint8Array, change: (view: DataView) => void) => {
    const copy = bytes.slice()
    change(new DataView(copy.buffer))
    return copy
  }

  test.each<[string, (header: ChunkHeader, agent: SAC) => Uint8Array, RegExp]>([
    ['no chunk', () => new TextEncoder().encode('x'.repeat(100)), /SACX/],
    ['nothing', () => new Uint8Array(0), /0 bytes/],
    ['10 MB', () => new Uint8Array(10_000_000), /SACX/],
    ['another run', (h, a) => encodeChunk({ ...h, hash: h.hash ^ 1 }, [transition], a), /other settings/],
    [
      'a lie about its length',
      (h, a) => changed(encodeChunk(h, [transition], a), v => v.setUint32(12, 2, true)),
      /bytes/,
    ],
    [
      '4 billion transitions',
      (h, a) => changed(encodeChunk(h, [transition], a), v => v.setUint32(12, 0xffffffff, true)),
      /claims/,
    ],
    ['cut off', (h, a) => encodeChunk(h, [transition, transition], a).slice(0, -1), /bytes/],
    [
      'NaN in an observation',
      (h, a) => encodeChunk(h, [{ ...transition, observation: [NaN, 0, 0] }], a),
      /observation.*finite/,
    ],
    [
      'an infinite reward',
      (h, a) => encodeChunk(h, [{ ...transition, reward: Infinity }], a),
      /reward.*finite/,
    ],
    [
      'an action out of bounds',
      (h, a) => encodeChunk(h, [{ ...transition, action: [9] }], a),
      /out of bounds/,
    ],
    [
      'an action that is NaN',
      (h, a) => encodeChunk(h, [{ ...transition, action: [NaN] }], a),
      /out of bounds/,
    ],
    [
      'other sizes',
      (h, a) => changed(encodeChunk(h, [transition], a), v => v.setUint32(16, 4, true)),
      /numbers/,
    ],
    [
      'another version',
      (h, a) => changed(encodeChunk(h, [transition], a), v => v.setUint16(4, 2, true)),
      /version/,
    ],
    ['a broken number', (h, a) => encodeChunk({ ...h, first: 0.5 }, [transition], a), /whole number/],
  ])('%s is refused, counted, and no part of the experience', async (_, make, reason) => {
    const { agent, notices } = await intake((header, agent) => [[make(header, agent)]], 2)
    expect(notices).toEqual([
      { type: 'refused', actor: 'a', reason: expect.stringMatching(reason) },
      { type: 'joined', actor: 'last' },
    ])
    expect(agent.replay.size).toBe(2)
  })

  test('a chunk that arrives twice, or again in part, counts once; an older process of the same name not at all', async () => {
    const { agent, notices } = await intake((header, agent) => {
      const chunk = encodeChunk(header, [transition, transition], agent)
      const longer = encodeChunk(header, [transition, transition, transition], agent)
      const older = encodeChunk({ ...header, incarnation: 9 }, [transition], agent)
      return [[chunk], [chunk], [longer], [older]]
    }, 5)
    // 3 of the first and 2 of the 5 of the last.
    expect(agent.replay.size).toBe(5)
    expect(notices).toEqual([
      { type: 'joined', actor: 'a' },
      { type: 'refused', actor: 'a', reason: expect.stringMatching(/newer process/) },
      { type: 'joined', actor: 'last' },
    ])
  })

  test('experience of a policy that is too old is dropped, and reported', async () => {
    const { agent, notices } = await intake(
      (header, agent) => [
        [encodeChunk({ ...header, policyUpdates: 0 }, Array(70).fill(transition), agent)],
        [encodeChunk({ ...header, first: 70, policyUpdates: 7 }, [transition], agent)],
        [encodeChunk({ ...header, first: 71, policyUpdates: 7 }, [transition], agent), 'a'],
      ],
      72,
      { maxStaleness: 3 },
    )
    expect(notices).toContainEqual({ type: 'stale', actor: 'a', updatesBehind: 4, transitions: 1 })
    expect(agent.replay.size).toBe(72)
    expect(agent.steps).toBe(72)
  })

  test('transitions that are not there, although later ones are, are reported', async () => {
    const { notices } = await intake(
      (header, agent) => [
        [encodeChunk(header, [transition, transition], agent)],
        [encodeChunk({ ...header, first: 5 }, [transition], agent)],
      ],
      4,
    )
    expect(notices).toContainEqual({ type: 'missing', actor: 'a', transitions: 3 })
  })

  test('a chunk is what it was', async () => {
    const { agent } = await pendulumAgent()
    const header = { hash: 7, incarnation: 1.7e12, first: 2 ** 40, policyUpdates: 3, seed: 0xffffffff }
    const transitions = [transition, { ...transition, terminated: true, truncated: true }]
    // As from a socket: anywhere in memory, and of a class whose slice() copies nothing.
    const shifted = Buffer.alloc(1000).subarray(3)
    const bytes = encodeChunk(header, transitions, agent)
    shifted.set(bytes)
    const decoded = decodeChunk(shifted.subarray(0, bytes.length), 7, agent)
    expect(decoded).toMatchObject(header)
    expect(decoded.transitions.map(({ terminated, truncated }) => [terminated, truncated])).toEqual([
      [false, false],
      [true, true],
    ])
    expect(Array.from(decoded.transitions[1].nextObservation)).toEqual([0, 1, 0])
  })
})

describe('a log that fills up', () => {
  test('makes the learner save a checkpoint, after which it is trimmed, so that actors never wait for ever', async () => {
    const transport = createInProcessTransport({ capacity: 200_000 })
    const { agent } = await pendulumAgent({ learningStarts: 1e6 })
    let checkpoints = 0
    const onEvent = (event: TrainingEvent) => {
      if (event.type === 'checkpoint') checkpoints++
    }
    await learnWithActors(transport, agent, { steps: 20_000, checkpointEvery: 1e9 }, { onEvent })
    expect(checkpoints).toBeGreaterThan(5)
  })

  test('is trimmed behind a learner that saves no checkpoints', async () => {
    const transport = createInProcessTransport({ capacity: 200_000 })
    const { agent } = await pendulumAgent({ learningStarts: 1e6 })
    await learnWithActors(transport, agent, { steps: 20_000 })
    expect(agent.steps).toBe(20_000)
  })
})

describe('an actor ends with a sentence', () => {
  test('whose environment does not fit', async () => {
    const transport = createInProcessTransport()
    const { agent } = await pendulumAgent()
    const stop = new AbortController()
    const learning = drain(learnFromActors(agent, transport, { steps: 10, signal: stop.signal }))
    const env = await makeEnv('MountainCarContinuous-v0')
    await expect(actFor(transport, env, { actor: 'x' })).rejects.toThrow(
      'MountainCarContinuous-v0 does not fit the run, which is of Pendulum-v1: its observations have 2 numbers, and those of the run 3.',
    )
    stop.abort()
    await learning
  })

  test('whose run begins anew', async () => {
    const transport = createInProcessTransport()
    const stop = new AbortController()
    const { agent } = await pendulumAgent()
    await drain(learnFromActors(agent, transport, { steps: 0 }))
    const acting = actFor(transport, await makeEnv('Pendulum-v1'), { actor: 'x' })
    const other = (await pendulumAgent({ seed: 4 })).agent
    const learning = drain(learnFromActors(other, transport, { steps: 1e6, signal: stop.signal }))
    await expect(acting).rejects.toThrow(RunChangedError)
    stop.abort()
    await learning
  })

  test('whose environment says something that the run does not allow', async () => {
    const transport = createInProcessTransport()
    const { agent } = await pendulumAgent()
    const stop = new AbortController()
    const learning = drain(learnFromActors(agent, transport, { steps: 1e6, signal: stop.signal }))
    const env = await makeEnv('Pendulum-v1')
    let steps = 0
    const explorer = {
      explore: () => Float32Array.of(steps++ > 300 ? 50 : 0),
      endEpisode() {},
      environmentSeed: () => 1,
    }
    await expect(actFor(transport, env, { actor: 'x', explorer })).rejects.toThrow(
      /The learner takes nothing more from 'x', because of what it sent: action \d+ is out of bounds\./,
    )
    stop.abort()
    await learning
  })
})

test('a learner that has lost its lease stops before it trims the log', async () => {
  const transport = createInProcessTransport()
  const { agent } = await pendulumAgent()
  const stop = new AbortController()
  const acting = actFor(transport, await makeEnv('Pendulum-v1'), { actor: 'one', signal: stop.signal })
  const learning = drain(learnFromActors(agent, transport, { steps: 1e6, checkpointEvery: 100 }), event => {
    // As another learner does that takes the run over.
    if (event.type === 'step' && event.step === 250) void transport.put('learner', new Uint8Array(1))
  })
  await expect(learning).rejects.toThrow('Another learner has taken this run over')
  expect(agent.steps).toBe(300)
  stop.abort()
  await acting
})

test('the state of a run with actors is not one to train alone from, and the other way round', async () => {
  const { agent, env } = await pendulumAgent()
  expect(() => train(agent, env, { steps: 1, state: fromTheStart(1) })).toThrow(/learns from actors/)
  const state = { lanes: [{ return: 0, length: 0 }], evaluationDue: false }
  expect(() => learnFromActors(agent, createInProcessTransport(), { steps: 1, state })).toThrow(/acts itself/)
})

test('an agent whose exploration actors do not know is refused at once', async () => {
  const { agent } = await pendulumAgent({ stateDependentNoise: true })
  expect(() => learnFromActors(agent, createInProcessTransport(), { steps: 1 })).toThrow(
    /stateDependentNoise/,
  )
})

test('actors end when the run has finished, and what they said of themselves last can be seen', async () => {
  const transport = createInProcessTransport()
  const { agent } = await pendulumAgent()
  const stop = new AbortController()
  const acting = actFor(transport, await makeEnv('Pendulum-v1'), { actor: 'one', signal: stop.signal })
  expect((await surveyRun(transport)).run).toBeUndefined()
  await drain(learnFromActors(agent, transport, { steps: 100, settings: { kind: 'test' } }))
  expect((await acting).steps).toBeGreaterThanOrEqual(100)
  expect(stop.signal.aborted).toBe(false)
  await transport.put('actor.odd', new TextEncoder().encode('{"steps":"many"}'))
  const { run, newest, actors } = await surveyRun(transport)
  expect(run).toMatchObject({ finished: true, environment: 'Pendulum-v1', settings: { kind: 'test' } })
  expect(newest!.updates).toBeLessThanOrEqual(agent.updates)
  expect(Object.keys(actors)).toEqual(['one'])
  expect((await awaitRun(transport, stop.signal))?.hash).toBe(run!.hash)
})

test('a run that is resumed for more steps takes what its actors have sent before', async () => {
  const transport = createInProcessTransport()
  const { agent } = await pendulumAgent({ scheduleSteps: 100 })
  let state: TrainingState | undefined
  const onEvent = (event: TrainingEvent) => {
    if (event.type === 'done') state = event.state
  }
  await learnWithActors(transport, agent, { steps: 100 }, { onEvent })
  const more = (await pendulumAgent({ scheduleSteps: 110 })).agent
  more.restore(agent.state())
  const notices: IntakeNotice[] = []
  const onNotice = (notice: IntakeNotice) => notices.push(notice)
  await drain(learnFromActors(more, transport, { steps: 10, state, onNotice }))
  expect([more.steps, notices]).toEqual([110, []])
})

test('an actor waits when it is as far ahead as it may be', async () => {
  const transport = createInProcessTransport()
  const { agent } = await pendulumAgent()
  await drain(learnFromActors(agent, transport, { steps: 0, window: 32 }))
  const stop = new AbortController()
  const env = timeLimit(await makeEnv('Pendulum-v1'), 10)
  const acting = actFor(transport, env, { actor: 'x', signal: stop.signal })
  await new Promise(resolve => setTimeout(resolve, 100))
  stop.abort()
  expect(await acting).toEqual({ steps: 32, episodes: 3 })
})
