import { describe, expect, test } from 'vitest'
import { makeEnv } from '../../src/envs/registry.ts'
import { type AgentState, SAC } from '../../src/sac/agent.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'
import type { TrainingEvent } from '../../src/training/events.ts'
import type { TrainingState } from '../../src/training/lanes.ts'
import { train } from '../../src/training/train.ts'

const small: SacOptionsInput = { hiddenSizes: [8, 8], batchSize: 8, learningStarts: 50, bufferSize: 300 }

/** Trains for some steps, evaluating now and then, and tells all that happened. */
async function run(id: string, options: SacOptionsInput, steps: number, from?: Saved) {
  const envs = await Promise.all(Array.from({ length: options.envs ?? 1 }, () => makeEnv(id)))
  const evaluationEnv = await makeEnv(id)
  const agent = await SAC.create(envs[0], options)
  if (from) agent.restore(from.agent)
  const events: TrainingEvent[] = []
  const every = { evaluateEvery: 130, evaluationEpisodes: 1 }
  for await (const event of train(agent, envs, { steps, state: from?.loop, evaluationEnv, ...every })) {
    events.push(event)
  }
  const done = events.pop()
  const loop = (done as { state: TrainingState }).state
  await Promise.all([...envs, evaluationEnv].map(env => env.close?.()))
  return { events, agent, loop }
}

interface Saved {
  agent: AgentState
  loop: TrainingState
}

/** What would be read back from a file: nothing is shared with the agent it is of. */
const stored = ({ agent, loop }: { agent: SAC; loop: TrainingState }): Saved => ({
  agent: structuredClone(agent.state()),
  loop: JSON.parse(JSON.stringify(loop)),
})

describe('stopping and going on is as if it had never stopped', () => {
  test.each([
    ['Pendulum-v1', 1, 300],
    ['Pendulum-v1', 3, 300],
    ['HalfCheetah-v5', 1, 270],
    ['HalfCheetah-v5', 2, 270],
    ['LunarLanderContinuous-v3', 1, 270],
    ['LunarLanderContinuous-v3', 3, 270],
  ])('%s, %d side by side', async (id, envs, steps) => {
    const options = { ...small, envs, updatesPerStep: 0.5, normalizeObservations: envs > 1 }
    const whole = await run(id, options, 2 * steps)
    const first = await run(id, options, steps)
    const second = await run(id, options, steps, stored(first))
    expect([...first.events, ...second.events]).toEqual(whole.events)
    expect(second.agent.state()).toEqual(whole.agent.state())
    expect(second.loop).toEqual(whole.loop)
    expect(whole.events.filter(event => event.type === 'evaluation').length).toBeGreaterThan(3)
  })

  test.each<SacOptionsInput>([
    { algorithm: 'td3', nStep: 3 },
    { algorithm: 'ddpg', explorationNoiseKind: 'ornstein-uhlenbeck', envs: 2 },
    { algorithm: 'redq', critics: 3, updatesPerStep: 1, policyDelay: 2 },
    { algorithm: 'droq', updatesPerStep: 1, policyDelay: 2 },
    { algorithm: 'tqc', critics: 2, criticHiddenSizes: 'same', atoms: 5 },
    { algorithm: 'crossq', criticHiddenSizes: 'same', batchRenormWarmup: 40 },
    { learningRateSchedule: 'linear', entropySchedule: 'cosine', entropyScheduleEnd: -3, scheduleSteps: 400 },
  ])('%o', async member => {
    const options = { ...small, ...member }
    const whole = await run('Pendulum-v1', options, 420)
    const first = await run('Pendulum-v1', options, 130)
    const second = await run('Pendulum-v1', options, 290, stored(first))
    expect([...first.events, ...second.events]).toEqual(whole.events)
    expect(second.agent.state()).toEqual(whole.agent.state())
    expect(whole.agent.updates).toBeGreaterThan(300)
  })

  test.each<SacOptionsInput>([{}, { envs: 2, normalizeObservations: true, bufferSize: 170 }])(
    'with hindsight, in the middle of episodes: %o',
    async member => {
      const options: SacOptionsInput = { ...small, hindsight: 'future', ...member }
      const whole = await run('PlanarReach-v0', options, 420)
      const first = await run('PlanarReach-v0', options, 130)
      expect(first.loop.lanes[0].length).toBeGreaterThan(0)
      const second = await run('PlanarReach-v0', options, 290, stored(first))
      expect([...first.events, ...second.events]).toEqual(whole.events)
      expect(second.agent.state()).toEqual(whole.agent.state())
      expect(second.loop).toEqual(whole.loop)
    },
  )

  test('stopped while a random action is held', async () => {
    const options = { ...small, envs: 2, randomActionRepeat: 20, learningStarts: 200 }
    const whole = await run('Pendulum-v1', options, 300)
    const first = await run('Pendulum-v1', options, 150)
    const second = await run('Pendulum-v1', options, 150, stored(first))
    expect([...first.events, ...second.events]).toEqual(whole.events)
    expect(second.agent.state()).toEqual(whole.agent.state())
  })

  test('stopped in an evaluation, it is made first', async () => {
    const envs = [await makeEnv('Pendulum-v1')]
    const agent = await SAC.create(envs[0], small)
    const controller = new AbortController()
    const evaluationEnv = await makeEnv('Pendulum-v1')
    const { step } = evaluationEnv
    let taken = 0
    evaluationEnv.step = action => {
      if (++taken === 100) controller.abort(new Error('enough'))
      return step(action)
    }
    const options = { evaluateEvery: 60, evaluationEnv, evaluationEpisodes: 1 }
    const before: TrainingEvent[] = []
    for await (const event of train(agent, envs, { steps: 100, signal: controller.signal, ...options })) {
      before.push(event)
    }
    expect(before.at(-1)).toMatchObject({ type: 'done', step: 60, reason: 'aborted' })
    const { state } = before.at(-1) as { state: TrainingState }
    expect(state.evaluationDue).toBe(true)
    const iterator = train(agent, envs, { steps: 40, state, ...options })
    expect((await iterator.next()).value).toMatchObject({ type: 'evaluation', step: 60 })
  })

  test('an environment without saved state begins a new episode', async () => {
    const env = await makeEnv('Pendulum-v1')
    const agent = await SAC.create(env, small)
    const lane = { observation: [1, 0, 0], return: -5, length: 3 }
    const events: TrainingEvent[] = []
    for await (const event of train(agent, env, {
      steps: 200,
      state: { lanes: [lane], evaluationDue: false },
    })) {
      events.push(event)
    }
    expect(events.find(event => event.type === 'episode')).toMatchObject({ length: 200 })
  })
})

describe('a state that does not fit', () => {
  test('of another number of environments', async () => {
    const env = await makeEnv('Pendulum-v1')
    const agent = await SAC.create(env, small)
    const state = { lanes: [], evaluationDue: false }
    await expect(train(agent, env, { steps: 1, state }).next()).rejects.toThrow(/of 0 environments, not 1/)
    const two = await SAC.create(env, { ...small, envs: 2 })
    expect(() => train(two, env, { steps: 1 })).toThrow(/made for 2 environments .* not 1/)
  })

  test('of an agent of other sizes: nothing is changed', async () => {
    const env = await makeEnv('Pendulum-v1')
    const [agent, other] = [
      await SAC.create(env, small),
      await SAC.create(env, { ...small, hiddenSizes: [9, 8] }),
    ]
    const before = structuredClone(agent.state())
    expect(() => agent.restore(other.state())).toThrow(/numbers for actor, but this agent's networks have/)
    expect(agent.state()).toEqual(before)
  })
})
