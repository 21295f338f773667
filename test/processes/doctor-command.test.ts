import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readMetrics } from '../../src/run/metrics-file.ts'
import { runSac } from './sac-process.ts'

const SMALL = '--hidden-sizes 8 --batch-size 8 --evaluation-episodes 1'

let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'doctor-'))
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
const sac = (args: string) => runSac(args, { cwd })

test('a run in trouble says so while it trains, and afterwards', async () => {
  const trouble = '--target-entropy 3 --temperature-learning-rate 0.01'
  const trained = await sac(`train Pendulum-v1 --steps 2600 ${trouble} ${SMALL} --out ill`)
  expect(trained.stdout.match(/doctor: The temperature has risen/g)).toHaveLength(1)
  expect(readMetrics(join(cwd, 'ill')).examinations.map(({ step }) => step)).toEqual([2000, 2600])

  const { code, stdout } = await sac('doctor ill')
  expect(code).toBe(1)
  expect(stdout).toMatch(
    /^ill: 2 examinations, the last at step 2,600\.\n\ndoctor: The temperature has risen/,
  )
  expect(stdout).toMatch(/What to do: No policy reaches that target/)
})

test('a healthy one, one too young, and none', async () => {
  await sac(`train Pendulum-v1 --steps 600 ${SMALL} --out well`)
  expect(await sac('doctor well')).toMatchObject({
    code: 0,
    stdout: 'well: nothing is wrong (1 examination, the last at step 600).\n',
  })
  const { code, stderr } = await sac('doctor nothing')
  expect(code).toBe(2)
  expect(stderr).toMatch(/There is no .*run in nothing/)
})
