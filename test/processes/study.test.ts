import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StudyResults } from '../../src/run/study/study-results.ts'
import { runSac } from './sac-process.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'study-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const study = `
title: Temperatures
seeds: 2
settings: { steps: 400, learningStarts: 100, hiddenSizes: [8, 8], batchSize: 16, evaluationEpisodes: 1 }
tasks: { Pendulum-v1: }
variants: { SAC: , alpha 0: { temperature: 0 } }
`
const write = (text: string) => writeFileSync(join(folder, 'study.yaml'), text)
const sac = (args: string, during?: Parameters<typeof runSac>[1]['during']) =>
  runSac(args, { cwd: folder, during })

/** What the trainings found, but for the time that they took. */
const scoresIn = (directory: string) => {
  const { results }: StudyResults = JSON.parse(readFileSync(join(folder, directory, 'results.json'), 'utf8'))
  return results.map(({ points, seconds, ...rest }) => ({
    ...rest,
    points: points.map(({ step, score }) => [step, score]),
  }))
}

test('an interrupted study resumes, and finds what one without interruption does', async () => {
  write(study)
  let timer: NodeJS.Timeout | undefined
  const first = await sac('study study.yaml', child => {
    timer ??= setInterval(() => {
      if (!existsSync(join(folder, 'study/runs/Pendulum-v1/SAC/seed0/metrics.jsonl'))) return
      // Once: a second signal ends the program at once.
      clearInterval(timer)
      child.kill('SIGINT')
    }, 20)
  })
  clearInterval(timer)
  expect(first.code).toBe(130)
  expect(first.stdout).toContain('Stopping; the same command resumes the study.')
  expect(readFileSync(join(folder, 'study/README.md'), 'utf8')).toMatch(/\*\*\d are still to be made\.\*\*/)
  const [second, whole] = await Promise.all([sac('study study.yaml'), sac('study study.yaml --out whole')])
  expect([second.code, whole.code, second.stderr]).toEqual([0, 0, ''])
  expect(scoresIn('study')).toEqual(scoresIn('whole'))
  expect(scoresIn('whole').map(({ points }) => points.length)).toEqual([20, 20, 20, 20])

  const again = await sac('study study.yaml')
  expect(again.stdout).toContain('4 trainings, 4 of them done before')
  const page = readFileSync(join(folder, 'study/README.md'), 'utf8')
  // The command of a cell, as it stands, finds the same.
  const [, command] = /\| alpha 0 on Pendulum-v1 \| `sac (.*?)` \|/.exec(page)!
  expect((await sac(`${command} --out alone`)).code).toBe(0)
  const parameters = ['alone', 'study/runs/Pendulum-v1/alpha-0/seed0'].map(run =>
    readFileSync(join(folder, run, 'parameters.safetensors')),
  )
  expect(parameters[0].equals(parameters[1])).toBe(true)
})

test('a training that diverges is a result, and is not tried again', async () => {
  write(study.replace('temperature: 0', 'criticLearningRate: 1e30').replace('seeds: 2', 'seeds: 1'))
  const { code, stdout } = await sac('study study.yaml')
  expect(code).toBe(0)
  expect(stdout).toMatch(/alpha 0 on Pendulum-v1, seed 0: error: Update \d+ diverged/)
  expect(readFileSync(join(folder, 'study/README.md'), 'utf8')).toMatch(/^\| alpha 0 \|.* 1 of 1 failed \|/m)
  expect((await sac('study study.yaml')).stdout).toContain('2 trainings, 2 of them done before')
})

test('settings that are not valid are refused before anything is trained', async () => {
  write(study.replace('temperature: 0', 'temperatur: 0'))
  const { code, stderr } = await sac('study study.yaml')
  expect(code).toBe(2)
  expect(stderr).toContain('alpha 0 on Pendulum-v1: There is no option temperatur; did you mean temperature?')
})
