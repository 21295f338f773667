import { Bench } from 'tinybench'
import { box } from '../src/env/spaces.ts'
import { createRandom } from '../src/random.ts'
import { createReplayBuffer } from '../src/replay/replay-buffer.ts'
import { SAC } from '../src/sac/agent.ts'
import { atMost, medianMicroseconds, type Row } from './measure.ts'

const TRANSITIONS = 1_000_000
/** A number for each node of a tree over 2^20 places. */
const PRIORITIES_BYTES = 8 * 2 * 2 ** 20
const [OBSERVATION, ACTION, BATCH] = [17, 6, 256]

/** A full HalfCheetah-shaped replay buffer: its memory, and the time to sample a batch from it. */
export async function replay(): Promise<Row[]> {
  const random = createRandom(0, 'bench')
  const buffer = createReplayBuffer({
    capacity: TRANSITIONS,
    observationSize: OBSERVATION,
    actionSize: ACTION,
    priorityAlpha: 0.6,
  })
  const action = random.fillUniform(new Float32Array(ACTION), -1, 1)
  let observation = random.fillNormal(new Float32Array(OBSERVATION))
  for (let i = 0; i < TRANSITIONS * 1.1; i++) {
    const nextObservation = random.fillNormal(new Float32Array(OBSERVATION))
    buffer.add(0, { observation, action, reward: 1, nextObservation, terminated: false })
    // Episodes of HalfCheetah-v5 are 1000 steps long.
    observation = i % 1000 === 999 ? random.fillNormal(new Float32Array(OBSERVATION)) : nextObservation
  }
  const batch = {
    observation: new Float32Array(BATCH * OBSERVATION),
    action: new Float32Array(BATCH * ACTION),
    reward: new Float32Array(BATCH),
    nextObservation: new Float32Array(BATCH * OBSERVATION),
    discount: new Float32Array(BATCH),
    weight: new Float32Array(BATCH),
  }
  const prioritized = buffer.prioritized!
  // Errors over several powers of ten, so that chances differ as they do in training.
  const errors = new Float32Array(BATCH)
  for (let i = 0; i < TRANSITIONS / BATCH; i++) {
    prioritized.sample(random, batch, BATCH, 0.4)
    prioritized.learn(random.fillNormal(errors).map(error => error ** 5))
  }
  const bench = new Bench({ time: 2000 })
  bench.add('sample', () => {
    buffer.sample(random, batch, BATCH)
  })
  const time = await medianMicroseconds(bench)
  const byPriority = new Bench({ time: 2000 })
  byPriority.add('sample', () => prioritized.sample(random, batch, BATCH, 0.4))
  const prioritizedTime = await medianMicroseconds(byPriority)
  const ratio = prioritizedTime / time
  const megabytes = (buffer.bytes - PRIORITIES_BYTES) / 1e6
  return [
    { what: 'sampling 256 of 1,000,000 transitions', value: time, unit: 'us', ...atMost(100, time) },
    { what: 'the same by priority, in times of that', value: ratio, unit: 'x', ...atMost(3, ratio) },
    { what: 'memory of 1,000,000 transitions', value: megabytes, unit: 'MB', ...atMost(115, megabytes) },
  ]
}

/** Time of one action, 17 -> 256 -> 256 -> 6. */
export async function act(): Promise<Row[]> {
  const spaces = {
    observationSpace: box({ low: -Infinity, high: Infinity, shape: [OBSERVATION] }),
    actionSpace: box({ low: -1, high: 1, shape: [ACTION] }),
  }
  const observation = createRandom(0, 'bench').fillNormal(new Float32Array(OBSERVATION))
  const agent = await SAC.create(spaces, { engine: 'wasm' })
  const bench = new Bench({ time: 2000 })
  bench.add('act', () => {
    agent.act(observation)
  })
  const time = await medianMicroseconds(bench)
  await agent.dispose()
  return [{ what: 'act(), 17 -> 256 -> 256 -> 6', value: time, unit: 'us', ...atMost(25, time) }]
}
