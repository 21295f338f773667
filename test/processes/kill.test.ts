import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../../src/random.ts'
import { outcomeOf } from './run-outcome.ts'
import { runSac } from './sac-process.ts'

const RUN =
  'train Pendulum-v1 --steps 600 --learning-starts 20 --hidden-sizes 4 --batch-size 4 --evaluate-every 150 --evaluation-episodes 1'
/** Several at a time, so that one starts while another waits for the disk. */
const CHAINS = 5
const KILLS = 10
const LONGEST_MS = 80
/** A checkpoint, with what is saved beside it, takes about fifty. */
const CALLS = 300

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sac-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs `sac` and kills it some milliseconds after training has begun. */
function killedAfter(milliseconds: number, args: string) {
  let waiting = true
  return runSac(args, {
    cwd: folder,
    during(child, stdout) {
      if (!waiting || !stdout.includes('Run directory')) return
      waiting = false
      setTimeout(() => child.kill('SIGKILL'), milliseconds)
    },
  })
}

/** Runs `sac`, which is killed in the middle of a call of the file system, however fast or slow the machine is. */
function killedInCall(number: number, args: string) {
  const NODE_OPTIONS = `--import ${pathToFileURL(join(import.meta.dirname, 'kill-itself.js'))}`
  return runSac(args, { cwd: folder, env: { NODE_OPTIONS, KILL_AT: String(number) } })
}

test('killed at 50 random moments, it always goes on, and ends as if it had never been', async () => {
  await runSac(`${RUN} --out whole`, { cwd: folder })
  const whole = outcomeOf(join(folder, 'whole'))
  expect(whole.agent.counters.steps).toBe(600)
  let halfWritten = 0

  async function chain(number: number): Promise<void> {
    const random = createRandom(number, 'kills')
    let kills = 0
    const run = (args: string) => {
      if (kills === KILLS) return runSac(args, { cwd: folder })
      if (number % 2 === 1) return killedAfter(random.uniform(0, LONGEST_MS), args)
      return killedInCall(1 + random.integer(CALLS), args)
    }
    // A run that ends before its time is checked, and followed by another.
    for (let attempt = 1; kills < KILLS; attempt++) {
      const name = `run${number}-${attempt}`
      for (;;) {
        const { code, stderr } = await run(`${RUN} --checkpoint-every 5 --resume --out ${name}`)
        if (code === 0) break
        expect({ code, stderr }).toEqual({ code: null, stderr: '' })
        kills++
        const checkpoints = join(folder, name, 'checkpoints')
        const remains = existsSync(checkpoints) ? readdirSync(checkpoints) : []
        if (remains.some(file => file.endsWith('.tmp'))) halfWritten++
      }
      expect(outcomeOf(join(folder, name))).toEqual(whole)
      rmSync(join(folder, name), { recursive: true })
    }
  }
  await Promise.all(Array.from({ length: CHAINS }, (_, i) => chain(i)))
  // Most calls of the file system are parts of a checkpoint, or of the parameters, under their temporary names.
  expect(halfWritten).toBeGreaterThan(5)
}, 600_000)
