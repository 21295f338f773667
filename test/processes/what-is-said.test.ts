/** What commands say to someone who reads it for the first time. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runSac } from './sac-process.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sac-said-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const sac = (args: string, env: Record<string, string> = {}) => runSac(args, { cwd: folder, env })

const SHORT = '--steps 300 --learning-starts 250 --hidden-sizes 8 --batch-size 8 --evaluation-episodes 2'

test('an evaluation at the last step is the final one; more threads than cores are remarked on; what to do next', async () => {
  const { code, stdout } = await sac(
    `train Pendulum-v1 ${SHORT} --evaluate-every 100 --threads 99 --out run`,
    {
      npm_command: 'run-script',
    },
  )
  expect(code).toBe(0)
  const lines = readFileSync(join(folder, 'run/metrics.jsonl'), 'utf8').trim().split('\n')
  expect(lines.filter(line => JSON.parse(line).type === 'evaluation')).toHaveLength(3)
  expect(stdout).toMatch(/evaluation at step 300: mean return (.*)\n[\s\S]*Evaluation: mean return \1\n/)
  expect(stdout).toMatch(/note: 99 threads are more than the \d+ cores of this machine/)
  for (const command of ['eval', 'show', 'record']) expect(stdout).toContain(`npx sac ${command} run\n`)
})

test('sac plot overwrites no picture of its own choice', async () => {
  writeFileSync(join(folder, 'curves.svg'), 'mine')
  expect((await sac('plot run')).stdout).toContain('Saved in curves-2.svg')
  expect(readFileSync(join(folder, 'curves.svg'), 'utf8')).toBe('mine')
  expect(existsSync(join(folder, 'curves-2.svg'))).toBe(true)
  expect((await sac('plot run --out curves.svg')).stdout).toContain('Saved in curves.svg')
})

test('a number that is too large is told its upper bound, and where nothing can be written is said at once', async () => {
  expect(await sac('train Pendulum-v1 --steps 1e300')).toMatchObject({
    code: 2,
    stderr: "error: --steps is '1e300'; it must be a whole number of at least 1, at most 9007199254740991.\n",
  })
  const nowhere = await sac(`train Pendulum-v1 ${SHORT} --out /proc/x`)
  expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining('/proc/x cannot be written') })
})

test("an error in one's own environment names the file and the line", async () => {
  const code = `
import { box } from 'soft-actor-critic'
export default () => ({
  observationSpace: box({ low: -1, high: 1, shape: [1] }),
  actionSpace: box({ low: -1, high: 1, shape: [1] }),
  reset: () => ({ observation: [0] }),
  step() {
    const body: { position: number } = undefined as never
    return { observation: [body.position], reward: 0, terminated: false, truncated: false }
  },
})
`
  writeFileSync(join(folder, 'my-env.ts'), code)
  const { stderr } = await sac(`train ./my-env.ts ${SHORT} --trust --out own`)
  expect(stderr).toMatch(/failed in step.* It was thrown at my-env\.ts:9:\d+\n/)
})
