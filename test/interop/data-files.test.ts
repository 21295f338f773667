/** Stored transitions: what Python reads of our files, and what we read of files that NumPy, PyArrow, h5py and Minari wrote. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readTransitions } from '../../src/data/read.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { openTransitions } from '../../src/run/open-transitions.ts'
import { randomPolicy, recordPolicy } from '../../src/run/record-run.ts'
import { SAC } from '../../src/sac/agent.ts'
import { runPython } from './python.ts'

interface Columns {
  observation: number[][]
  action: number[][]
  reward: number[]
  nextObservation: number[][]
  terminated: boolean[]
  truncated: boolean[]
}

interface Found {
  columns: Columns
  types?: Record<string, string>
  shapes?: Record<string, number[]>
}

const folder = mkdtempSync(join(tmpdir(), 'data-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** All transitions of a file, by columns. */
async function columnsOf(path: string): Promise<Columns> {
  const env = await makeEnv('Pendulum-v1')
  const columns: Columns = {
    observation: [],
    action: [],
    reward: [],
    nextObservation: [],
    terminated: [],
    truncated: [],
  }
  for await (const each of readTransitions(openTransitions(path), env)) {
    for (const name of ['observation', 'action', 'nextObservation'] as const) {
      columns[name].push(Array.from(each[name]))
    }
    columns.reward.push(each.reward)
    columns.terminated.push(each.terminated)
    columns.truncated.push(each.truncated ?? false)
  }
  return columns
}

test('Python reads what is recorded, number for number', async () => {
  const env = await makeEnv('Pendulum-v1')
  const paths = ['demo.npz', 'demo.jsonl'].map(name => join(folder, name))
  for (const transitions of paths) {
    await recordPolicy(randomPolicy(env, 1), env, { transitions, episodes: 2, maxSteps: 40, seed: 3 })
  }
  const [npz, jsonl] = await runPython<Found[]>('data_files.py', 'read', ...paths)
  expect(npz.types).toEqual({
    observation: 'float32',
    action: 'float32',
    reward: 'float64',
    nextObservation: 'float32',
    terminated: 'bool',
    truncated: 'bool',
  })
  expect(npz.shapes).toMatchObject({ observation: [80, 3], action: [80, 1], reward: [80], truncated: [80] })
  expect(npz.columns).toEqual(await columnsOf(paths[0]))
  expect(jsonl.columns).toEqual(npz.columns)
  expect(npz.columns.truncated.flatMap((ended, i) => (ended ? [i] : []))).toEqual([39, 79])
})

let python: Columns
beforeAll(async () => {
  python = (await runPython<Found>('data_files.py', 'write', folder)).columns
  expect(python.truncated.flatMap((ended, i) => (ended ? [i] : []))).toEqual([29, 59])
})

const FILES = [
  'plain.npz',
  'compressed.npz',
  'd4rl.hdf5',
  ...['snappy', 'gzip', 'none'].flatMap(codec => [`lists-${codec}.parquet`, `flat-${codec}.parquet`]),
  'minari/pendulum/random-v0',
]

test.each(FILES)('what Python wrote to %s is read as it was', async name => {
  expect(await columnsOf(join(folder, name))).toEqual(python)
})

test('an agent learns from a data set of Minari', async () => {
  const env = await makeEnv('Pendulum-v1')
  const agent = await SAC.create(env, { hiddenSizes: [8], batchSize: 8 })
  const source = openTransitions(join(folder, 'minari/pendulum/random-v0'))
  expect(await agent.learnFrom(readTransitions(source, agent))).toBe(60)
  expect((await agent.update()).criticLoss).toBeGreaterThan(0)
  await agent.dispose()
})
