import { expect } from 'vitest'
import { makeEnv } from '../../src/envs/registry.ts'
import type { ImportedAgent } from '../../src/import/stable-baselines3.ts'
import { actorForward } from '../../src/policy/network.ts'
import { SAC } from '../../src/sac/agent.ts'
import { distance, referenceMlp } from '../policy/policies.ts'

/** What `sb3_agent.py` prints: what the agent computes for some observations of Pendulum-v1. */
export interface Computed {
  observations: number[][]
  actions: number[][]
  mu: number[][]
  logSigma: number[][]
  q1: number[]
  q2: number[]
  logAlpha: number
}

/** Compares an imported agent with what the original computes: policy, distribution, critics, temperature. */
export async function expectSameAgent(imported: ImportedAgent, computed: Computed): Promise<void> {
  const agent = await SAC.create(await makeEnv('Pendulum-v1'), { ...imported.options, engine: 'wasm' })
  agent.loadParameters(imported.parameters)
  const { config, program } = agent.learner
  const forward = actorForward(config)
  for (const [i, observation] of computed.observations.entries()) {
    const action = agent.act(observation, { deterministic: true })
    expect(distance(action, computed.actions[i])).toBeLessThan(1e-5)
    const output = forward(program.state('actor'), observation)
    expect(distance(output, [...computed.mu[i], ...computed.logSigma[i]])).toBeLessThan(1e-5)
    const unitAction = computed.mu[i].map(Math.tanh)
    for (const [critic, values] of [
      ['critic1', computed.q1],
      ['critic2', computed.q2],
    ] as const) {
      const [q] = referenceMlp(imported.parameters, critic, agent.network, [...observation, ...unitAction])
      expect(Math.abs(q - values[i])).toBeLessThan(1e-5 * (1 + Math.abs(values[i])))
    }
  }
  expect(agent.parameters().logAlpha.data[0]).toBeCloseTo(computed.logAlpha, 6)
}
