import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { availableCores } from '../../src/available-cores.ts'
import { loadRun } from '../../src/run/load-run.ts'
import { findRuns } from '../../src/run/reports/find-runs.ts'
import { summarizeRun } from '../../src/run/reports/run-summary.ts'
import { runSac } from './sac-process.ts'

const SHORT = '--steps 200 --learning-starts 50 --hidden-sizes 8 --batch-size 8 --evaluation-episodes 1'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sac-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const sac = (args: string, during?: (child: ChildProcess) => void) => runSac(args, { cwd: folder, during })

const metricsOf = (run: string): { type: string }[] =>
  readFileSync(join(run, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))

const parametersOf = (run: string) => readFileSync(join(folder, run, 'parameters.safetensors'))

test('each seed learns what it would alone, and all are summed up', async () => {
  const { code, stdout, stderr } = await sac(`train Pendulum-v1 ${SHORT} --seed 5 --seeds 3`)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const runs = [5, 6, 7].map(seed => `runs/Pendulum-v1-seed${seed}`)
  for (const run of runs) expect(stdout).toMatch(new RegExp(`^${run} +200 +-.* finished`, 'm'))
  const values = runs.map(run => summarizeRun(join(folder, run)).evaluation!.mean)
  const mean = (values[0] + values[1] + values[2]) / 3
  const deviation = Math.hypot(...values.map(value => value - mean)) / Math.sqrt(2)
  const [low, high] = [Math.min(...values), Math.max(...values)].map(value => value.toFixed(1))
  // Of three values, resamples of the lowest and of the highest alone are more than 2.5 % each.
  expect(stdout).toContain(
    `Evaluation over 3 seeds: mean return ${mean.toFixed(1)}, standard deviation ${deviation.toFixed(1)}, ` +
      `95 % interval ${low} to ${high}\nInterquartile mean ${mean.toFixed(1)}, 95 % interval ${low} to ${high}\n`,
  )
  await sac(`train Pendulum-v1 ${SHORT} --seed 6 --out alone`)
  expect(parametersOf('alone').equals(parametersOf(runs[1]))).toBe(true)
  expect(parametersOf('alone').equals(parametersOf(runs[2]))).toBe(false)
})

test('what fails is told seed by seed', async () => {
  const { code, stdout, stderr } = await sac(
    `train Pendulum-v1 ${SHORT} --seeds=2 --out many --critic-learning-rate 1e30`,
  )
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /^seed \d: error: Update \d+ diverged: .*\nseed \d: error: Update \d+ diverged: .*\n$/,
  )
  expect(stdout).toMatch(/^many\/seed0 .* crashed/m)
  expect(stdout).not.toContain('Evaluation over')
})

test('SIGINT stops all of them, keeps what they have learned, and begins no other', async () => {
  const cores = availableCores()
  const begun = () => findRuns(join(folder, 'many')).length
  let timer: NodeJS.Timeout | undefined
  const asked = `train Pendulum-v1 ${SHORT} --steps 100000000 --seeds ${cores + 1} --out many`
  const { code, stdout, stderr } = await sac(asked, child => {
    timer ??= setInterval(() => begun() === cores && child.kill('SIGINT') && clearInterval(timer), 100)
  })
  expect({ code, stderr }).toEqual({ code: 130, stderr: '' })
  expect(stdout).toContain('Stopping all runs')
  const runs = readdirSync(join(folder, 'many'))
  expect(runs).toHaveLength(cores)
  for (const run of runs) {
    expect(summarizeRun(join(folder, 'many', run)).status).toBe('stopped')
    expect(loadRun(join(folder, 'many', run)).steps).toBeGreaterThan(0)
  }
})

describe('--resume', () => {
  test.each(['--out many', ''])(
    'goes on with each seed that has begun, and begins the others (%s)',
    async out => {
      const asked = (steps: number) => `train Pendulum-v1 ${SHORT} --steps ${steps} ${out}`
      await sac(`${asked(200)} --seeds 2`)
      const { code, stdout, stderr } = await sac(`${asked(300)} --seeds=3 --resume`)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      const places = [0, 1, 2].map(seed => (out ? `many/seed${seed}` : `runs/Pendulum-v1-seed${seed}`))
      for (const run of places) expect(stdout).toMatch(new RegExp(`^${run} +300 +-.* finished`, 'm'))
      const runs = findRuns(join(folder, out ? 'many' : 'runs'))
      expect(runs).toHaveLength(3)
      const starts = runs.map(run => metricsOf(run).filter(({ type }) => type === 'start').length)
      expect(starts.sort()).toEqual([1, 2, 2])
    },
  )

  test('of runs with other settings is refused, and nothing is begun', async () => {
    await sac(`train Pendulum-v1 ${SHORT} --seeds 1 --out many`)
    const { code, stderr } = await sac(`train Pendulum-v1 ${SHORT} --seeds 2 --out many --resume --gamma 0.9`)
    expect(code).toBe(2)
    expect(stderr).toContain('The run in many/seed0 was begun with another gamma')
    expect(readdirSync(join(folder, 'many'))).toEqual(['seed0'])
  })
})

test.each([
  ['--seeds 0', "--seeds is '0'; it must be a whole number of at least 1."],
  ['--seeds 2 --seed 4294967295', '--seeds 2 from seed 4294967295 on goes beyond the last seed, 4294967295.'],
  ['--seeds 2 --env-option gravty=3', "did you mean 'gravity'?"],
])('%s: one sentence, and nothing is begun', async (flags, message) => {
  const { code, stderr } = await sac(`train Pendulum-v1 ${flags}`)
  expect(code).toBe(2)
  expect(stderr).toContain(message)
  expect(readdirSync(folder)).toEqual([])
})
