/** A model of one's own in the same task, here and in Gymnasium. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ResetResult, StepResult } from '../../src/env/env.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { createRandom } from '../../src/random.ts'
import { readModelFile } from '../../src/run/environments/read-model-file.ts'
import { LONG_SWIMMER, MOTORS } from '../envs/mujoco/own-models.ts'
import { deviation, gymnasiumRollouts } from './gymnasium.ts'

test('a swimmer with one link more', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'model-'))
  const path = join(folder, 'swimmer.xml')
  mkdirSync(join(folder, 'parts'))
  writeFileSync(path, LONG_SWIMMER)
  writeFileSync(join(folder, 'parts/motors.xml'), MOTORS)
  const random = createRandom(1, 'actions')
  const numbers = (size: number, scale: number) =>
    Array.from({ length: size }, () => scale * random.uniform(-1, 1))
  const [qpos, qvel] = [numbers(6, 0.1), numbers(6, 0.1)]
  const actions = Array.from({ length: 50 }, () => numbers(3, 1).map(Math.fround))
  const [theirs] = gymnasiumRollouts([{ id: 'Swimmer-v5', options: { xml_file: path }, qpos, qvel, actions }])
  const env = await makeEnv('Swimmer-v5', { xmlFile: readModelFile(path) })
  rmSync(folder, { recursive: true })
  const { observation } = env.reset({ options: { qpos, qvel } }) as ResetResult
  expect(deviation(observation, theirs.observations[0])).toBeLessThan(1e-12)
  for (const [i, action] of actions.entries()) {
    const step = env.step(Float32Array.from(action)) as StepResult
    expect(deviation(step.observation, theirs.observations[i + 1])).toBeLessThan(1e-6)
    expect(deviation([step.reward], [theirs.rewards[i]])).toBeLessThan(1e-6)
  }
  await env.close?.()
})
