import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
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

test.each([
  ['--seeds 0', "--seeds is '0'; it must be a whole number of at least 1."],
  [
    '--seeds 2 --seed 4294967295',
    '--seeds 2 from seed 4294967295 on leads beyond the last seed, 4294967295.',
  ],
  ['--seeds 2 --env-option gravty=3', "did you mean 'gravity'?"],
])('%s: one sentence, and nothing is begun', async (flags, message) => {
  const { code, stderr } = await sac(`train Pendulum-v1 ${flags}`)
  expect(code).toBe(2)
  expect(stderr).toContain(message)
  expect(readdirSync(folder)).toEqual([])
})
