import { describe, expect, test, vi } from 'vitest'
import { box } from '../../src/env/spaces.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { createRandom } from '../../src/random.ts'
import type { Transition } from '../../src/replay/transition.ts'
import { SAC } from '../../src/sac/agent.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'
import { train } from '../../src/training/train.ts'

const spaces = {
  observationSpace: box({ low: -Infinity, high: Infinity, shape: [2] }),
  actionSpace: box({ low: [-2], high: [2] }),
}
const small: SacOptionsInput = { hiddenSizes: [8], batchSize: 8, learningStarts: 2, bufferSize: 100 }

/** Episodes of 5 steps: rewards `from`, `from` + 1, ...; every second episode is terminated, the others truncated. */
const transitions = (count: number, from = 0): Transition[] =>
  Array.from({ length: count }, (_, i) => ({
    observation: [Math.floor(i / 5), i % 5],
    action: [1],
    reward: from + i,
    nextObservation: [Math.floor(i / 5), (i % 5) + 1],
    terminated: i % 10 === 4,
    truncated: i % 10 === 9,
  }))

/** The rewards in the next batches of an agent. */
async function rewardsDrawn(agent: SAC, updates: number): Promise<number[][]> {
  const batches: number[][] = []
  for (let i = 0; i < updates; i++) {
    await agent.update()
    batches.push([...agent.learner.program.inputs.reward])
  }
  return batches
}

const isShown = (reward: number) => reward >= 1000

test.each([
  [undefined, 4],
  [0.25, 2],
  [0, 0],
  [1, 8],
])('with demonstrationShare %s, %d of 8 rows are demonstrations', async (demonstrationShare, rows) => {
  const agent = await SAC.create(spaces, { ...small, demonstrationShare })
  expect(await agent.learnFrom(transitions(20, 1000))).toBe(20)
  for (const transition of transitions(10)) agent.observe(transition)
  const batches = await rewardsDrawn(agent, 60)
  for (const batch of batches) expect(batch.filter(isShown)).toHaveLength(rows)
  const seen = new Set(batches.flat())
  expect(seen.size).toBe((rows > 0 ? 20 : 0) + (rows < 8 ? 10 : 0))
})

test('what the actor imitates are the rows of demonstrations, as far as there are any', async () => {
  const agent = await SAC.create(spaces, { ...small, demonstrationShare: 0.25, cloningWeight: 1 })
  const imitated = async () => {
    await agent.update()
    const { imitated, reward } = agent.learner.program.inputs
    return [...imitated!].map((each, row) => `${each}${isShown(reward[row]) ? ' shown' : ''}`)
  }
  for (const transition of transitions(10)) agent.observe(transition)
  expect(new Set(await imitated())).toEqual(new Set(['0']))
  await agent.learnFrom(transitions(20, 1000))
  expect(await imitated()).toEqual([...Array(2).fill('1 shown'), ...Array(6).fill('0')])
  const alone = await SAC.create(spaces, { ...small, cloningWeight: 1 })
  await alone.learnFrom(transitions(20, 1000))
  await alone.update()
  expect([...alone.learner.program.inputs.imitated!]).toEqual(Array(8).fill(1))
  // Without a weight there is nothing to say it of.
  expect((await SAC.create(spaces, small)).learner.program.inputs.imitated).toBeUndefined()
})

test('before it has experience of its own, it learns from demonstrations alone', async () => {
  const agent = await SAC.create(spaces, small)
  await agent.learnFrom(transitions(20, 1000))
  expect((await rewardsDrawn(agent, 5)).flat().every(isShown)).toBe(true)
})

test('without demonstrations it draws as ever', async () => {
  const [agent, other] = [await SAC.create(spaces, small), await SAC.create(spaces, small)]
  await other.learnFrom([])
  for (const transition of transitions(20)) for (const each of [agent, other]) each.observe(transition)
  expect(await rewardsDrawn(other, 3)).toEqual(await rewardsDrawn(agent, 3))
})

test('terminated transitions do not bootstrap, truncated ones do, and n-step returns end at both', async () => {
  const agent = await SAC.create(spaces, { ...small, batchSize: 256, bufferSize: 300, nStep: 3, gamma: 0.5 })
  await agent.learnFrom(transitions(20, 1000))
  await agent.update()
  const { observation, discount, nextObservation } = agent.learner.program.inputs
  const found = new Map<string, [number, number]>()
  for (let row = 0; row < 256; row++) {
    found.set(`${observation[2 * row]} ${observation[2 * row + 1]}`, [
      discount[row],
      nextObservation[2 * row + 1],
    ])
  }
  expect(found.get('0 1')).toEqual([0.125, 4])
  expect(found.get('0 2')).toEqual([0, 5])
  expect(found.get('0 4')).toEqual([0, 5])
  expect(found.get('1 2')).toEqual([0.125, 5])
  expect(found.get('1 4')).toEqual([0.5, 5])
})

test('into the replay buffer: newer experience takes its place, episodes spread over the lanes', async () => {
  const agent = await SAC.create(spaces, { ...small, bufferSize: 20, envs: 2 })
  expect(await agent.learnFrom(transitions(40, 1000), { into: 'replay' })).toBe(40)
  expect(agent.replay.size).toBe(20)
  expect([agent.steps, agent.episodes, agent.demonstrations]).toEqual([0, 0, undefined])
  const lanes = agent.replay
    .state()
    .lanes.map(({ records: [records] }) => records.filter((_, i) => i % 4 === 3))
  const range = (from: number) => Array.from({ length: 5 }, (_, i) => from + i)
  expect([...lanes[0]].sort()).toEqual([...range(1020), ...range(1030)])
  expect([...lanes[1]].sort()).toEqual([...range(1025), ...range(1035)])
  for (const transition of transitions(20)) agent.observe(transition, Math.floor(transition.reward / 10))
  expect((await rewardsDrawn(agent, 10)).flat().some(isShown)).toBe(false)
})

test('an episode in progress stays apart from what is taken in', async () => {
  const agent = await SAC.create(spaces, { ...small, nStep: 5 })
  const [first] = transitions(1)
  agent.observe(first)
  // It begins where the agent's own episode is.
  await agent.learnFrom([{ ...first, observation: first.nextObservation, reward: 7 }], { into: 'replay' })
  agent.observe({ ...first, observation: first.nextObservation, reward: 9 })
  expect(new Set((await rewardsDrawn(agent, 10)).flat())).toEqual(new Set([0, 7, 9]))
})

test('at most bufferSize demonstrations are kept, the newest', async () => {
  const agent = await SAC.create(spaces, { ...small, bufferSize: 10 })
  expect(await agent.learnFrom(transitions(25, 1000))).toBe(25)
  expect(agent.demonstrations?.size).toBe(10)
  expect(Math.min(...(await rewardsDrawn(agent, 10)).flat())).toBe(1015)
})

test('with normalizeObservations, demonstrations count in the statistics', async () => {
  const agent = await SAC.create(spaces, { ...small, normalizeObservations: true })
  const far = transitions(20, 1000).map(each => ({
    ...each,
    observation: [1e6 + Number(each.observation[0]), 5],
  }))
  await agent.learnFrom(far)
  const { mean, count } = agent.statistics!.moments()
  expect([count, mean[0], mean[1]]).toEqual([20, 1e6 + 1.5, 5])
  await agent.update()
  expect(Math.max(...agent.learner.program.inputs.observation.map(Math.abs))).toBeLessThan(2)
})

describe('what cannot be learned from', () => {
  const [good] = transitions(1)
  test.each<[unknown, RegExp]>([
    [
      { ...good, observation: [1] },
      /^Transition 3 \(counted from 1\): the observation has 1 elements, not 2$/,
    ],
    [{ ...good, nextObservation: [1, NaN] }, /^Transition 3 .*: nextObservation\[1\] is NaN, not finite$/],
    [{ ...good, reward: undefined }, /^Transition 3 .*: the reward is undefined, not a number$/],
    [{ ...good, terminated: 0 }, /^Transition 3 .*: terminated is 0, neither true nor false$/],
    [{ ...good, truncated: 'no' }, /^Transition 3 .*: truncated is 'no', neither true nor false$/],
    [{ ...good, action: [2.5] }, /^Transition 3 .*: action\[0\] is 2.5, outside its bounds, -2 and 2/],
    [{ ...good, action: undefined }, /^Transition 3 .*: the action has no elements, not 1$/],
    [undefined, /^Transition 3 \(counted from 1\): it is undefined$/],
  ])('%j', async (faulty, message) => {
    const agent = await SAC.create(spaces, small)
    await expect(agent.learnFrom([good, good, faulty as Transition, good])).rejects.toThrow(message)
    expect(agent.demonstrations?.size).toBe(2)
  })

  test.each([[undefined], [{}], [7], ['demo.jsonl']])('%j in place of transitions', async given => {
    const agent = await SAC.create(spaces, small)
    await expect(agent.learnFrom(given as never)).rejects.toThrow(/takes a list or a stream of transitions/)
    await expect(agent.learnFrom([], { in: 'replay' } as never)).rejects.toThrow(/There is no option in/)
    await expect(agent.learnFrom([], { into: 'buffer' as never })).rejects.toThrow(
      /'demonstrations' or 'replay'/,
    )
  })

  test('a stream that fails, a signal, an agent that is disposed of', async () => {
    const agent = await SAC.create(spaces, small)
    async function* broken() {
      yield good
      throw new Error('the disk has gone')
    }
    await expect(agent.learnFrom(broken())).rejects.toThrow('the disk has gone')
    await expect(agent.learnFrom([good], { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    )
    expect(agent.demonstrations?.size).toBe(1)
    await agent.dispose()
    await expect(agent.learnFrom([good])).rejects.toThrow(/after dispose/)
  })
})

test('the event loop has its turn meanwhile', async () => {
  const agent = await SAC.create(spaces, { ...small, bufferSize: 1e6 })
  const turn = vi.fn()
  setTimeout(turn, 30)
  function* many() {
    for (let i = 0; i < 1e6 && turn.mock.calls.length === 0; i++) yield* transitions(5)
  }
  await agent.learnFrom(many())
  expect(turn).toHaveBeenCalled()
})

test.each([{}, { normalizeObservations: true }])(
  'stopping and resuming is as if never stopped, %j',
  async more => {
    const options = { ...small, learningStarts: 20, ...more }
    const begin = async () => {
      const env = await makeEnv('Pendulum-v1')
      return { env, agent: await SAC.create(env, options) }
    }
    const random = createRandom(3, 'x')
    const shown = Array.from({ length: 30 }, (): Transition => {
      const draw = () => [random.normal(), random.normal(), random.normal()]
      const action = [random.uniform(-2, 2)]
      return { observation: draw(), action, reward: -1, nextObservation: draw(), terminated: false }
    })
    const go = async ({ agent, env }: Awaited<ReturnType<typeof begin>>, steps: number, state?: never) => {
      let loop: unknown
      for await (const event of train(agent, env, { steps, state }))
        if (event.type === 'done') loop = event.state
      return loop as never
    }
    const whole = await begin()
    await whole.agent.learnFrom(shown)
    await go(whole, 120)

    const first = await begin()
    await first.agent.learnFrom(shown)
    const loop = await go(first, 60)
    const second = await begin()
    // Other demonstrations, in whose place those of the state come.
    await second.agent.learnFrom(shown.slice(0, 3))
    second.agent.restore(structuredClone(first.agent.state()))
    await go(second, 60, loop)
    expect(second.agent.state()).toEqual(whole.agent.state())
    expect(second.agent.demonstrations?.size).toBe(30)
    // A state without any takes them away.
    second.agent.restore((await begin()).agent.state())
    expect(second.agent.demonstrations).toBe(undefined)
  },
)
