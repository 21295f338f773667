/** An environment without end, from the command to the evaluation. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runSac } from './sac-process.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'endless-'))
  const code = `
    import { box } from 'soft-actor-critic'
    let x = 0
    export default {
      observationSpace: box({ low: -3, high: 3 }),
      actionSpace: box({ low: -1, high: 1 }),
      reset: () => ({ observation: [(x = 1)] }),
      step([push]) {
        x = Math.max(-2, Math.min(2, x + 0.1 * push))
        return { observation: [x], reward: -x * x, terminated: false, truncated: false }
      },
    }`
  writeFileSync(join(folder, 'endless.mjs'), code)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const small = '--hidden-sizes 8 --batch-size 8 --learning-starts 1400 --checkpoint-every never'
const train = (flags: string) => runSac(`train ./endless.mjs ${small} ${flags}`, { cwd: folder })

test('it is said that no episode has ended, and how to cut them off; evaluations end', async () => {
  const { code, stdout, stderr } = await train('--steps 1500 --evaluation-episodes 2 --out run')
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/No episode has ended in 1500 steps.*\n.*--time-limit 1000/)
  expect(stdout.indexOf('No episode has ended')).toBeLessThan(stdout.indexOf('Trained for'))
  expect(stdout).toMatch(/Evaluation: mean return \S+ ± \S+ over 2 episodes, 2 of them cut off/)
  expect(stdout).toMatch(
    /note: 2 of 2 episodes .* were cut off after 10,000 steps.* --time-limit.* --evaluation-steps/,
  )

  const evaluated = await runSac('eval run --episodes 3 --evaluation-steps 20', { cwd: folder })
  expect(evaluated.stdout).toMatch(/over 3 episodes, 3 of them cut off\n.*\nnote: 3 of 3 .* after 20 steps/)
})

test('--evaluation-steps is where evaluations cut off, while training and after', async () => {
  const { stdout } = await train(
    '--steps 250 --evaluation-episodes 1 --evaluate-every 100 --evaluation-steps 30 --out short',
  )
  expect(stdout).toMatch(/evaluation at step 100: .* 1 of them cut off/)
  expect(stdout).toMatch(/cut off after 30 steps/)
  const lines = readFileSync(join(folder, 'short/metrics.jsonl'), 'utf8').trim().split('\n')
  const lengths = lines.map(line => JSON.parse(line)).filter(({ type }) => type === 'evaluation')
  expect(lengths.map(({ lengths, cutOff }) => [lengths, cutOff])).toEqual(Array(3).fill([[30], 1]))
})

test('with a --time-limit, however long, nothing is cut off but by it', async () => {
  const { stdout } = await train('--steps 1500 --evaluation-episodes 1 --time-limit 12000 --out limited')
  expect(stdout).not.toContain('cut off after')
  const evaluated = await runSac('eval limited --episodes 1', { cwd: folder })
  expect(evaluated.stdout).toMatch(/over 1 episode\n/)
})
