/** Runs as code uses them: evaluated, filmed, trusted or not, in one call. */
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  beginRun,
  environmentsOf,
  evaluateRun,
  openRunPolicy,
  parseSettings,
  programsOf,
  summarizeRun,
  trainRun,
  trust,
} from '../../src/run/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'use-run-'))
afterAll(() => rmSync(folder, { recursive: true }))
const executed = join(folder, 'executed')

async function make(name: string, environment: string): Promise<string> {
  const input = { environment, steps: 60, hiddenSizes: [4], batchSize: 4, learningStarts: 20 }
  const settings = parseSettings({ ...input, evaluateEvery: 60, evaluationEpisodes: 2, timeLimit: 30 })
  const [env, evaluationEnv] = await environmentsOf(settings, 2)
  const run = await beginRun({ settings, envs: [env], place: { out: join(folder, name) } })
  for await (const _ of trainRun(run, { evaluationEnv }));
  await run.close()
  return run.directory
}

let pendulum: string
let foreign: string

beforeAll(async () => {
  pendulum = await make('pendulum', 'Pendulum-v1')
  const file = join(folder, 'env.mjs')
  writeFileSync(
    file,
    `import { appendFileSync } from 'node:fs'
    appendFileSync(${JSON.stringify(executed)}, 'x')
    const one = { kind: 'box', shape: [1], size: 1, low: new Float32Array([-1]), high: new Float32Array([1]) }
    export default () => ({
      observationSpace: one,
      actionSpace: one,
      reset: () => ({ observation: [0] }),
      step: ([a]) => ({ observation: [a], reward: -Math.abs(a), terminated: false, truncated: false }),
    })`,
  )
  foreign = join(folder, 'foreign')
  // As if it came out of an archive.
  cpSync(await make('made', file), foreign, { recursive: true })
  rmSync(executed)
})

test('an evaluation is by default that of the run itself', async () => {
  const { evaluation } = summarizeRun(pendulum)
  const again = await evaluateRun(pendulum)
  // The agent acts in float32, a policy in float64.
  const rounded = (returns: readonly number[] = []) => returns.map(value => value.toFixed(3))
  expect(rounded(again.returns)).toEqual(rounded(evaluation?.returns))
  expect(again.lengths).toEqual([30, 30])
  expect((await evaluateRun(pendulum, { episodes: 3, seed: 9, maxSteps: 7 })).lengths).toEqual([7, 7, 7])
  const best = await evaluateRun(pendulum, { best: true })
  expect(rounded(best.returns)).toEqual(rounded(evaluation?.returns))
})

test('settings of the environment can be replaced', async () => {
  const { env, close } = await openRunPolicy(pendulum, { environmentOptions: { gravity: 0 } })
  await env.reset({ seed: 1 })
  const first = await env.step(new Float32Array([0]))
  const second = await env.step(new Float32Array([0]))
  // Without gravity it turns on at the same speed.
  expect(second.observation[2]).toBeCloseTo(first.observation[2], 6)
  await close()
})

test('a foreign run is not executed unless it is trusted', async () => {
  await expect(evaluateRun(foreign)).rejects.toThrow(/was not made here.*env\.mjs.*pass trust: true/)
  const asked: string[][] = []
  const refuse = (programs: readonly string[]) => {
    asked.push([...programs])
    return false
  }
  await expect(openRunPolicy(foreign, { trust: refuse })).rejects.toThrow('was not made here')
  expect(asked).toEqual([[`the file ${join(folder, 'env.mjs')}`]])
  expect(existsSync(executed)).toBe(false)
  expect((await evaluateRun(foreign, { trust: async () => true })).returns).toHaveLength(2)
  expect(existsSync(executed)).toBe(true)
  // What was agreed to once is remembered.
  const { settings } = await openRunPolicy(foreign, { trust: true })
  trust(foreign, programsOf(foreign, settings))
  expect((await evaluateRun(foreign)).returns).toHaveLength(2)
})
