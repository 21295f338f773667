/**
 * Our MuJoCo environments against those of Gymnasium, from the same states with the same actions.
 *
 * MuJoCo 3.14 in WebAssembly and 3.4 in native code round differently, and stop their solvers at slightly different
 * places, within the solver's tolerance of 1e-8. How far such differences grow is up to the environment: a chaotic
 * one makes them as large as its state after 50 steps, a damped one keeps them small for ever. So the tolerance is
 * measured, for each rollout and step, without a look at Gymnasium: twins of our environment are disturbed by noise of
 * that size, 1e-8, after every step, and Gymnasium must stay as near to us as they do (within a factor, for they are a
 * sample of what noise does). It mostly stays 10^7 times nearer. Before anything has grown it must agree to 1e-9.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import type { Env, ResetResult, StepResult } from '../../src/env/env.ts'
import type { Box } from '../../src/env/spaces.ts'
import type { MujocoState } from '../../src/envs/mujoco/environment.ts'
import { createHumanoid } from '../../src/envs/mujoco/humanoid.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { createRandom, type Random } from '../../src/random.ts'
import { deviation, gymnasiumRollouts, type MujocoRequest, type Rollout } from './gymnasium.ts'

const STEPS = 200
const SEQUENCES = 5
const TWINS = 3
const SOLVER_TOLERANCE = 1e-8
/** How many times farther than the farthest twin Gymnasium may be. */
const FACTOR = 10
/** Steps within which nothing has grown yet, and how near everything must be. */
const EARLY = { steps: 5, tolerance: 1e-9 }

const golden: Record<string, { records: { qpos: number[]; qvel: number[] }[] }> = JSON.parse(
  readFileSync(join(import.meta.dirname, '../envs/mujoco/mujoco-trajectories.json'), 'utf8'),
).envs

interface Sizes {
  nq: number
  nv: number
}

const sizesOf = (id: string): Sizes => {
  const { qpos, qvel } = golden[id].records[0]
  return { nq: qpos.length, nv: qvel.length }
}

/** The state of an environment with or without a time limit. */
const physicsOf = (state: unknown) =>
  ((state as { env?: MujocoState }).env ?? (state as MujocoState)).simulation

/** Starts and actions, random but the same every time. */
function requestsFor(env: Env, id: string): MujocoRequest[] {
  const { nq, nv } = sizesOf(id)
  const { low, high, size } = env.actionSpace as Box
  return Array.from({ length: SEQUENCES }, (_, seed) => {
    env.reset({ seed })
    // MuJoCo's state is the time, then positions, then velocities.
    const physics = physicsOf(env.getState!())
    const random = createRandom(seed, 'actions')
    const actions = Array.from({ length: STEPS }, () =>
      Array.from({ length: size }, (_, i) => Math.fround(random.uniform(low[i], high[i]))),
    )
    return { id, qpos: physics.slice(1, 1 + nq), qvel: physics.slice(1 + nq, 1 + nq + nv), actions }
  })
}

/** Our rollout, past termination as Gymnasium's is; with noise, that of a twin. */
function rollOut(env: Env, { id, qpos, qvel, actions }: MujocoRequest, noise?: Random): Rollout {
  const { nq, nv } = sizesOf(id)
  const { observation } = env.reset({ options: { qpos, qvel } }) as ResetResult
  const rollout: Rollout = { observations: [observation], rewards: [], terminated: [] }
  for (const action of actions) {
    const result = env.step(Float32Array.from(action)) as StepResult
    rollout.observations.push(result.observation)
    rollout.rewards.push(result.reward)
    rollout.terminated.push(result.terminated)
    if (!noise) continue
    const state = env.getState!()
    const physics = physicsOf(state)
    for (let i = 1; i <= nq + nv; i++) physics[i] += SOLVER_TOLERANCE * noise.normal()
    env.setState!(state)
  }
  return rollout
}

/** Deviations of one rollout from another, those of observations from the start on. */
const deviations = (a: Rollout, b: Rollout) => ({
  observations: a.observations.map((observation, i) => deviation(observation, b.observations[i])),
  rewards: a.rewards.map((reward, i) => deviation([reward], [b.rewards[i]])),
})

/** The largest values so far. */
function runningMaximum(values: readonly number[]): number[] {
  let largest = 0
  return values.map(value => (largest = Math.max(largest, value)))
}

/** Compares a rollout of ours with Gymnasium's at every step, by the measure of our twins. */
function compare(ours: Rollout, theirs: Rollout, twins: Rollout[]): void {
  const distances = deviations(ours, theirs)
  const ofTwins = twins.map(twin => deviations(twin, ours))
  for (const part of ['observations', 'rewards'] as const) {
    const grown = runningMaximum(
      distances[part].map((_, step) => Math.max(...ofTwins.map(twin => twin[part][step]))),
    )
    for (const [step, distance] of distances[part].entries()) {
      const tolerance = step <= EARLY.steps ? EARLY.tolerance : FACTOR * grown[step]
      expect(distance, `${part} at step ${step}`).toBeLessThanOrEqual(tolerance)
    }
  }
  for (const [step, terminated] of theirs.terminated.entries()) {
    // Where a twin ends otherwise, the state is too near the limit to tell.
    if (twins.some(twin => twin.terminated[step] !== ours.terminated[step])) continue
    expect(ours.terminated[step], `terminated at step ${step}`).toBe(terminated)
  }
}

async function compareAll(env: Env, requests: MujocoRequest[]): Promise<void> {
  const theirs = gymnasiumRollouts(requests)
  for (const [i, request] of requests.entries()) {
    const twins = Array.from({ length: TWINS }, (_, twin) =>
      rollOut(env, request, createRandom(twin, 'noise')),
    )
    compare(rollOut(env, request), theirs[i], twins)
  }
  await env.close!()
}

describe(`the same as Gymnasium over ${STEPS} steps`, () => {
  test.each(Object.keys(golden).filter(id => id !== 'Humanoid-v5'))('%s', async id => {
    const env = await makeEnv(id)
    await compareAll(env, requestsFor(env, id))
  })
})

describe('Humanoid-v5', () => {
  // Its solver, PGS, is stopped after 50 iterations, before it has converged, and not at the same numbers in all
  // versions of MuJoCo: these differ from the first contact on, not because chaos has made them.
  test('is near Gymnasium as long as the solver allows', async () => {
    const env = await makeEnv('Humanoid-v5')
    const requests = requestsFor(env, 'Humanoid-v5')
    const theirs = gymnasiumRollouts(requests)
    for (const [i, request] of requests.entries()) {
      const ours = rollOut(env, request)
      const { observations, rewards } = deviations(ours, theirs[i])
      expect(Math.max(...observations.slice(0, 2))).toBeLessThan(1e-8)
      expect(Math.max(...observations.slice(0, 21), ...rewards.slice(0, 20))).toBeLessThan(1e-3)
      expect(ours.terminated.slice(0, 20)).toEqual(theirs[i].terminated.slice(0, 20))
    }
    await env.close!()
  })

  // With a solver that converges on both sides, everything else about it can be seen to be the same.
  describe('with the Newton solver on both sides', () => {
    afterAll(() => vi.doUnmock('../../src/envs/mujoco/humanoid-model.ts'))

    test('is the same', async () => {
      vi.resetModules()
      vi.doMock('../../src/envs/mujoco/humanoid-model.ts', async load => {
        const { humanoidModel } = await load<typeof import('../../src/envs/mujoco/humanoid-model.ts')>()
        const option = { ...humanoidModel.option, solver: 'Newton', iterations: 100 }
        return { humanoidModel: { ...humanoidModel, option } }
      })
      const { createHumanoid: create } = await import('../../src/envs/mujoco/humanoid.ts')
      expect(create).not.toBe(createHumanoid)
      const env = await create()
      const requests = requestsFor(env, 'Humanoid-v5')
      await compareAll(
        env,
        requests.map(request => ({ ...request, solver: 'Newton', iterations: 100 })),
      )
    })
  })
})
