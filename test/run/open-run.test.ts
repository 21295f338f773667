/** Runs on disk from the library alone, as a service in Node makes them. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeEnv } from '../../src/index.ts'
import {
  beginRun,
  endOf,
  loadRun,
  loadSettings,
  parseSettings,
  resumeRun,
  trainRun,
} from '../../src/run/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'sac-run-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const settings = parseSettings({
  environment: 'Pendulum-v1',
  steps: 260,
  hiddenSizes: [8],
  batchSize: 8,
  learningStarts: 50,
  evaluateEvery: 100,
  evaluationEpisodes: 1,
})
const parametersOf = (directory: string) => readFileSync(join(directory, 'parameters.safetensors'))

/** Trains, and stops after some step. */
async function learn(directory: string, { stopAt = Infinity, resume = false } = {}): Promise<void> {
  const [env, evaluationEnv] = [await makeEnv('Pendulum-v1'), await makeEnv('Pendulum-v1')]
  const run = resume
    ? await resumeRun({ settings: loadSettings(directory), envs: [env], directory })
    : await beginRun({ settings, envs: [env], place: { out: directory } })
  const stop = new AbortController()
  const record = run.record()
  try {
    for await (const event of trainRun(run, { evaluationEnv, signal: stop.signal, record })) {
      if (event.type === 'step' && event.step === stopAt) stop.abort()
      if (event.type === 'step' && event.step === 60) {
        run.agent.change({ actorLearningRate: 1e-3 })
        record.log({ 'custom/angle': 0.5 })
      }
    }
  } finally {
    await run.close()
  }
}

test('a run that is stopped and resumed ends with the bits of one that was not, with its changes', async () => {
  const [whole, stopped] = [join(folder, 'whole'), join(folder, 'stopped')]
  await learn(whole)
  await learn(stopped, { stopAt: 130 })
  expect(endOf(stopped)).toBe('aborted')
  expect(parametersOf(stopped).equals(parametersOf(whole))).toBe(false)
  await learn(stopped, { resume: true })
  expect(endOf(stopped)).toBe('steps')
  expect(parametersOf(stopped).equals(parametersOf(whole))).toBe(true)
  expect(loadRun(stopped).steps).toBe(260)
  const lines = readFileSync(join(stopped, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(lines.filter(({ type }) => type === 'change')).toMatchObject([
    { step: 60, changes: { actorLearningRate: 1e-3 } },
  ])
  expect(lines.filter(({ type }) => type === 'custom')).toMatchObject([
    { step: 60, metrics: { 'custom/angle': 0.5 } },
  ])
  expect(lines.filter(({ type }) => type === 'evaluation').map(({ step }) => step)).toEqual([100, 200])
  expect(existsSync(join(stopped, 'best.safetensors'))).toBe(true)
})

test('what fails leaves no directory, and no lock', async () => {
  const env = await makeEnv('Pendulum-v1')
  const directory = join(folder, 'taken')
  const bad = { ...settings, initFrom: join(folder, 'nowhere') }
  await expect(beginRun({ settings: bad, envs: [env], place: { out: directory } })).rejects.toThrow(
    /no complete run/,
  )
  expect(existsSync(directory)).toBe(false)
  const run = await beginRun({ settings, envs: [env], place: { out: directory } })
  await expect(resumeRun({ settings, envs: [env], directory })).rejects.toThrow()
  await run.close()
  await (await resumeRun({ settings, envs: [env], directory })).close()
})
