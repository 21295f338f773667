import { describe, expect, test } from 'vitest'
import { discrete } from '../../src/env/discrete.ts'
import { box } from '../../src/env/spaces.ts'
import { createRandom } from '../../src/random.ts'
import { SAC } from '../../src/sac/agent.ts'
import { ALGORITHMS, type SacOptionsInput } from '../../src/sac/options.ts'
import { createProbe } from '../../src/sac/probe.ts'

const spaces = {
  observationSpace: box({ low: -10, high: 10, shape: [3] }),
  actionSpace: box({ low: [-2, 0], high: [2, 4] }),
}
const ROWS = 8

async function agentWith(options: SacOptionsInput, transitions = 40): Promise<SAC> {
  const agent = await SAC.create(spaces, {
    hiddenSizes: [12, 9],
    batchSize: ROWS,
    learningStarts: 0,
    ...options,
  })
  const random = createRandom(1, 'test')
  const vector = (low: number, high: number, size: number) =>
    random.fillUniform(new Float32Array(size), low, high)
  for (let i = 0; i < transitions; i++) {
    agent.observe({
      observation: vector(-3, 7, 3),
      action: Float32Array.of(...vector(-2, 2, 1), ...vector(0, 4, 1)),
      reward: random.uniform(-1, 1),
      nextObservation: vector(-3, 7, 3),
      terminated: false,
    })
  }
  for (let i = 0; i < 5; i++) await agent.update()
  return agent
}

describe.each(ALGORITHMS)('%s', algorithm => {
  test.each([false, true])(
    'acts as the agent does, observations normalised: %s',
    async normalizeObservations => {
      const agent = await agentWith({ algorithm, normalizeObservations })
      const probe = await createProbe(agent, ROWS)
      const observations = createRandom(2, 'test').fillUniform(new Float32Array(3 * ROWS), -3, 7)
      const output = probe.policy(observations)
      const columns = output.length / ROWS
      for (let row = 0; row < ROWS; row++) {
        const action = agent.act(observations.slice(3 * row, 3 * row + 3), { deterministic: true })
        const [first, second] = [0, 1].map(j => Math.tanh(output[row * columns + j]))
        expect(action[0]).toBeCloseTo(2 * first, 5)
        expect(action[1]).toBeCloseTo(2 + 2 * second, 5)
      }
    },
  )

  test('gives the values that an update starts from', async () => {
    // A batch of which every row is the same transition, so that means are its values.
    const options = { algorithm, dropout: 0, batchRenorm: false, targetNetworks: true }
    const agent = await agentWith(options, 1)
    const probe = await createProbe(agent, ROWS)
    const { observation, action } = agent.learner.program.inputs
    await agent.update()
    const observations = observation.slice()
    const actions = action.map((value, i) => (i % 2 === 0 ? 2 * value : 2 + 2 * value))
    const values = probe.values(observations, actions)
    const { q1 } = await agent.update()
    expect(values.length).toBe(agent.options.critics)
    for (const value of values[0]) expect(value).toBeCloseTo(q1, 4)
  })
})

test('the density of a squashed Gaussian adds up to 1', async () => {
  const probe = await createProbe(await agentWith({}), 2001)
  const noise = Float32Array.from({ length: 2001 }, (_, i) => (i - 1000) / 125)
  const { action, logProb } = probe.density(0.4, Math.log(0.7), noise)
  let area = 0
  for (let i = 1; i < 2001; i++) {
    area += ((action[i] - action[i - 1]) * (Math.exp(logProb[i]) + Math.exp(logProb[i - 1]))) / 2
  }
  expect(area).toBeCloseTo(1, 4)
})

test('discrete actions: logits of the policy that acts, and the values that an update starts from', async () => {
  const agent = await SAC.create(
    { observationSpace: spaces.observationSpace, actionSpace: discrete(3) },
    { hiddenSizes: [12, 9], batchSize: ROWS, learningStarts: 0, normalizeObservations: true },
  )
  const observation = Float32Array.of(1, -2, 3)
  const step = { observation, action: [2], reward: 1, nextObservation: observation, terminated: false }
  agent.observe(step)
  for (let i = 0; i < 5; i++) await agent.update()
  const probe = await createProbe(agent, 1)
  const logits = probe.policy(observation)
  expect(logits.length).toBe(3)
  expect(logits.indexOf(Math.max(...logits))).toBe(agent.act(observation, { deterministic: true })[0])
  const values = probe.values(observation)
  expect(values.map(({ length }) => length)).toEqual([3, 3])
  const { q1, q2 } = await agent.update()
  expect(values[0][2]).toBeCloseTo(q1, 4)
  expect(values[1][2]).toBeCloseTo(q2!, 4)
})
