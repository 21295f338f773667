import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeEnv } from '../../src/envs/registry.ts'
import { METRIC_TAGS, type MetricName } from '../../src/run/metrics.ts'
import { readMetrics } from '../../src/run/metrics-file.ts'
import { seriesOf } from '../../src/run/reports/series.ts'
import { openRunLog } from '../../src/run/run-log.ts'
import { openEventFile } from '../../src/run/tensorboard.ts'
import { SAC } from '../../src/sac/agent.ts'
import { train } from '../../src/training/train.ts'
import { runPython } from './python.ts'

interface Read {
  version: number
  scalars: Record<string, [step: number, value: number, wallTime: number][]>
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sac-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('TensorBoard reads all that metrics.jsonl says of a run, under its names', async () => {
  const [env, evaluationEnv] = [await makeEnv('Pendulum-v1'), await makeEnv('Pendulum-v1')]
  const agent = await SAC.create(env, { learningStarts: 150, hiddenSizes: [8], batchSize: 8 })
  const log = openRunLog(folder, agent, 100)
  const options = { steps: 450, evaluateEvery: 200, evaluationEnv, evaluationEpisodes: 2 }
  for await (const event of train(agent, env, options)) log.observe(event)
  log.end('steps')
  const { version, scalars } = await runPython<Read>('tensorboard_scalars.py', folder)
  const metrics = readMetrics(folder)
  expect(version).toBe(2)
  // Of other environments, members and options.
  const missing = ['evaluationSuccessRate', 'successRate', 'explorationNoise', 'priorityBeta']
  const tags = Object.entries(METRIC_TAGS).filter(([name]) => !missing.includes(name))
  expect(Object.keys(scalars).sort()).toEqual(tags.map(([, tag]) => tag).sort())
  for (const [name, tag] of tags) {
    const series = seriesOf(metrics, name as MetricName)
    expect(series.length).toBeGreaterThanOrEqual(2)
    const read = scalars[tag].map(([step, value]) => ({ step, value }))
    expect(read).toEqual(series.map(({ step, value }) => ({ step, value: Math.fround(value) })))
  }
  const written = metrics.train.map(({ time }) => Date.parse(time) / 1000)
  expect(scalars['time/fps'].map(([, , wallTime]) => wallTime)).toEqual(written)
})

test('where a run goes on from an earlier step, TensorBoard forgets what came after it', async () => {
  const first = openEventFile(folder, 0, 1_000_000)
  for (const step of [10, 20, 30]) first(step, { 'rollout/ep_rew_mean': step }, 1_000_000 + step)
  const second = openEventFile(folder, 20, 1_000_100)
  for (const step of [30, 40]) second(step, { 'rollout/ep_rew_mean': -step }, 1_000_100 + step)
  const { scalars } = await runPython<Read>('tensorboard_scalars.py', folder)
  expect(scalars['rollout/ep_rew_mean'].map(([step, value]) => [step, value])).toEqual([
    [10, 10],
    [20, 20],
    [30, -30],
    [40, -40],
  ])
})
