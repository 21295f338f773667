/** A task with goals, through the commands. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runSac } from './sac-process.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'goals-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const small = '--hidden-sizes 8 --batch-size 8 --learning-starts 50 --evaluation-episodes 2'
const side = '--envs 2 --env-threads 2'
const sac = (args: string) => runSac(args, { cwd: folder })

test('trains with hindsight, resumes in the middle of episodes bit for bit, evaluates and records', async () => {
  const begin = `train PlanarPush-v0 ${small} ${side} --evaluate-every 300`
  const whole = await sac(`${begin} --steps 480 --out whole`)
  expect(whole).toMatchObject({ code: 0 })
  expect(whole.stdout).toMatch(/Evaluation: mean return -\d+\.\d ± .* over 2 episodes, success rate \d+ %/)
  // Episodes take 50 steps, in each of the two.
  await sac(`${begin} --steps 170 --out parts`)
  expect(await sac('resume parts --steps 480')).toMatchObject({ code: 0 })
  const [one, other] = ['whole', 'parts'].map(run =>
    readFileSync(join(folder, run, 'parameters.safetensors')),
  )
  expect(one.equals(other)).toBe(true)

  const lines = readFileSync(join(folder, 'whole/metrics.jsonl'), 'utf8').trim().split('\n')
  const metrics = lines.map(line => JSON.parse(line))
  const rates = (type: string) => metrics.filter(line => line.type === type).map(line => line.successRate)
  expect(rates('evaluation')).toEqual([expect.any(Number), expect.any(Number)])
  expect(rates('train').filter(rate => rate !== undefined)).not.toEqual([])

  expect((await sac('eval whole --episodes 3')).stdout).toMatch(/over 3 episodes, success rate/)
  expect(await sac('record whole --out push.gif')).toMatchObject({ code: 0 })
  expect(statSync(join(folder, 'push.gif')).size).toBeGreaterThan(1000)
  expect((await sac('envs')).stdout).toContain('PlanarPush-v0: Push a puck to a goal')
}, 120_000)

test('hindsight is refused where there are no goals', async () => {
  const { code, stderr } = await sac('train Pendulum-v1 --steps 10 --hindsight future --out none')
  expect(code).toBe(2)
  expect(stderr).toContain('Pendulum-v1 has no goals (Env.goals), so it must be "none".')
})
