/** A whole agent as one file. */
import { describe, expect, test } from 'vitest'
import { decodeHeader } from '../../src/encoding/safetensors-header.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { SAC } from '../../src/sac/agent.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'
import { loadAgent, saveAgent, trainingStateIn } from '../../src/training/agent-file.ts'
import type { TrainingState } from '../../src/training/lanes.ts'
import { train } from '../../src/training/train.ts'

const small: SacOptionsInput = { hiddenSizes: [8, 8], batchSize: 8, learningStarts: 40, bufferSize: 300 }

async function learn(agent: SAC, steps: number, state?: TrainingState): Promise<TrainingState> {
  const envs = await Promise.all(Array.from({ length: agent.options.envs }, () => makeEnv('Pendulum-v1')))
  let left: TrainingState | undefined
  for await (const event of train(agent, envs, { steps, state }))
    if (event.type === 'done') left = event.state
  return left!
}

const create = async (options: SacOptionsInput = {}) =>
  SAC.create(await makeEnv('Pendulum-v1'), { ...small, ...options })

describe('an agent that is saved and loaded', () => {
  test.each<SacOptionsInput>([
    {},
    { envs: 2, normalizeObservations: true },
    { algorithm: 'td3', explorationNoiseKind: 'ornstein-uhlenbeck' },
    {
      algorithm: 'tqc',
      criticHiddenSizes: [8],
      nStep: 3,
      entropySchedule: 'linear',
      entropyScheduleEnd: -2,
      scheduleSteps: 300,
    },
  ])('resumes to the same bits: %o', async options => {
    const whole = await create(options)
    await learn(whole, 310)
    const first = await create(options)
    const training = await learn(first, 150)
    const bytes = saveAgent(first, { training })
    await first.dispose()
    const second = await loadAgent(bytes)
    expect(second.options).toEqual(first.options)
    expect(second.environment).toBe('Pendulum-v1')
    await learn(second, 310 - second.steps, trainingStateIn(bytes))
    expect(second.state()).toEqual(whole.state())
  })

  test('with hindsight resumes to the same bits, given the goals, and asks for them', async () => {
    const env = await makeEnv('PlanarReach-v0')
    const options: SacOptionsInput = { ...small, hindsight: 'future' }
    const learnOn = async (agent: SAC, steps: number, state?: TrainingState) => {
      for await (const event of train(agent, await makeEnv('PlanarReach-v0'), { steps, state }))
        if (event.type === 'done') return event.state
    }
    const whole = await SAC.create(env, options)
    await learnOn(whole, 230)
    const first = await SAC.create(env, options)
    const bytes = saveAgent(first, { training: await learnOn(first, 120) })
    await expect(loadAgent(bytes)).rejects.toThrow('has no goals (Env.goals)')
    const second = await loadAgent(bytes, { env })
    await learnOn(second, 110, trainingStateIn(bytes))
    expect(second.state()).toEqual(whole.state())
  })

  test('without its replay buffer is small, acts the same, and gathers experience before it learns on', async () => {
    const agent = await create()
    await learn(agent, 200)
    const bytes = saveAgent(agent, { replay: false })
    expect(bytes.length).toBeLessThan(saveAgent(agent).length / 1.2)
    const loaded = await loadAgent(bytes)
    const observation = [0.6, -0.8, 2]
    expect(loaded.act(observation, { deterministic: true })).toEqual(
      agent.act(observation, { deterministic: true }),
    )
    expect(loaded.explore(observation)).toEqual(agent.explore(observation))
    expect([loaded.steps, loaded.replay.size]).toEqual([200, 0])
    await learn(loaded, 40)
    expect(loaded.updates).toBe(agent.updates)
    // Also if it is saved before it has learned again.
    const again = await loadAgent(saveAgent(loaded))
    await learn(again, 10)
    expect(again.updates).toBe(agent.updates + 10)
  })

  test('is a file that others read', async () => {
    const agent = await create()
    const bytes = saveAgent(agent)
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
    const { metadata, infos } = decodeHeader(bytes.slice(8, 8 + length), bytes.length - 8 - length)
    expect(metadata).toMatchObject({ format: 'soft-actor-critic agent', steps: '0' })
    expect(infos.map(([name]) => name)).toContain('agent.learner.actor')
  })

  test('any bit of the file that is wrong is found, and any end that is missing', async () => {
    const bytes = saveAgent(await create())
    for (const at of [0, 9, 1000, bytes.length >> 1, bytes.length - 1]) {
      const wrong = bytes.slice()
      wrong[at] ^= 4
      await expect(loadAgent(wrong), `byte ${at}`).rejects.toThrow('The agent cannot be loaded: ')
      await expect(loadAgent(bytes.slice(0, at))).rejects.toThrow('The agent cannot be loaded: ')
    }
  })

  test('something else is named', async () => {
    const agent = await create()
    const { policyToSafetensors } = await import('../../src/policy/policy-file.ts')
    await expect(loadAgent(policyToSafetensors(agent))).rejects.toThrow('it is not an agent')
    await expect(loadAgent('agent.safetensors' as never)).rejects.toThrow(
      /a Uint8Array, not 'agent.safetensors'/,
    )
    expect(() => saveAgent({} as never)).toThrow(
      'saveAgent takes an agent made by SAC.create, not an object.',
    )
  })

  test('a state that went through JSON says what to do instead', async () => {
    const agent = await create()
    await learn(agent, 60)
    const state = JSON.parse(JSON.stringify(agent.state()))
    expect(() => agent.restore(state)).toThrow(/no typed array for learner\.\w+, as after JSON.*saveAgent/)
    state.learner = agent.state().learner
    expect(() => agent.restore(state)).toThrow(/no typed array for replay\.lanes\[0\].*saveAgent/)
  })
})
