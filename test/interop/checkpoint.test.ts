import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDoctor } from '../../src/doctor/doctor.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { saveCheckpoint } from '../../src/run/checkpoints.ts'
import { learningSettings, parseSettings } from '../../src/run/settings.ts'
import { SAC } from '../../src/sac/agent.ts'
import { train } from '../../src/training/train.ts'
import { runPython } from './python.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sac-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Found {
  steps: string
  engine: string
  types: Record<string, string>
  sizes: Record<string, number>
  /** Bits of the actor's parameters. */
  actor: number[]
  checksum: number
  expected: number
}

test('a checkpoint is read by safetensors itself, and its checksum is that of zlib', async () => {
  const settings = parseSettings({
    environment: 'Pendulum-v1',
    steps: 90,
    learningStarts: 50,
    hiddenSizes: [5],
  })
  const env = await makeEnv('Pendulum-v1')
  const agent = await SAC.create(env, settings.options)
  for await (const event of train(agent, env, { steps: settings.steps })) {
    if (event.type !== 'done') continue
    const path = saveCheckpoint(folder, {
      settings: learningSettings(settings),
      engine: agent.engine,
      agent: agent.state(),
      training: event.state,
      log: { averages: { milliseconds: 0, steps: 0, updates: 0, sums: {} }, told: 0, evaluations: 0 },
      doctor: createDoctor(agent).state(),
    })
    const found = await runPython<Found>('checkpoint_reader.py', path)
    const actor = agent.state().learner.actor
    expect(found.actor).toEqual([...new Uint32Array(actor.slice().buffer)])
    expect(found).toMatchObject({
      steps: '90',
      engine: agent.engine,
      checksum: found.expected,
    })
    expect(found.types).toMatchObject({
      'agent.replay.lanes.0.records.0': 'float32',
      'agent.replay.lanes.0.flags.0': 'uint8',
      'agent.replay.lanes.0.apartNumbers': 'float64',
    })
    expect(found.sizes).toMatchObject({ 'agent.replay.lanes.0.records.0': 90 * 5, checksum: 4 })
  }
  expect.assertions(4)
})
