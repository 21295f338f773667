import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../src/random.ts'
import { outcomeOf } from './run-outcome.ts'
import { runSac } from './sac-process.ts'

const RUN =
  'train Pendulum-v1 --steps 600 --learning-starts 20 --hidden-sizes 4 --batch-size 4 --evaluate-every 150 --evaluation-episodes 1'
/** Several at a time, so that one starts while another waits for the disk. */
const CHAINS = 5
const KILLS = 10
const LONGEST_MS = 80

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sac-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs `sac`; `begun` is called when training is about to begin. */
function sac(args: string, begun?: (child: ChildProcess) => void) {
  let waiting = true
  return runSac(args, {
    cwd: folder,
    during(child, stdout) {
      if (!waiting || !stdout.includes('Run directory')) return
      waiting = false
      begun?.(child)
    },
  })
}

test('killed at 50 random moments, it always goes on, and ends as if it had never been', async () => {
  await sac(`${RUN} --out whole`)
  const whole = outcomeOf(join(folder, 'whole'))
  expect(whole.agent.counters.steps).toBe(600)
  let halfWritten = 0

  async function chain(number: number): Promise<void> {
    const random = createRandom(number, 'kills')
    let kills = 0
    // A run that ends before its time is checked, and followed by another.
    for (let attempt = 1; kills < KILLS; attempt++) {
      const name = `run${number}-${attempt}`
      for (;;) {
        const begin = existsSync(join(folder, name))
          ? `resume ${name}`
          : `${RUN} --checkpoint-every 5 --out ${name}`
        const { code, stderr } = await sac(begin, child => {
          if (kills < KILLS) setTimeout(() => child.kill('SIGKILL'), random.uniform(0, LONGEST_MS))
        })
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
  // A good part of the time goes into writing checkpoints.
  expect(halfWritten).toBeGreaterThan(0)
}, 300_000)
