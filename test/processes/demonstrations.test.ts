import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readTransitions } from '../../src/data/read.ts'
import type { Transition } from '../../src/replay/transition.ts'
import { openTransitions } from '../../src/run/open-transitions.ts'
import { summarizeRun } from '../../src/run/reports/run-summary.ts'
import { runSac } from './sac-process.ts'

let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sac-data-'))
})
afterAll(() => rmSync(cwd, { recursive: true }))

const sac = (args: string) => runSac(args, { cwd })
const small =
  '--hidden-sizes 8 --batch-size 8 --learning-starts 20 --evaluation-episodes 1 --evaluation-steps 5'

async function transitionsOf(name: string): Promise<Transition[]> {
  const found: Transition[] = []
  for await (const each of readTransitions(openTransitions(join(cwd, name)))) found.push(each)
  return found.map(({ observation, action, nextObservation, ...rest }) => {
    const [from, taken, to] = [observation, action, nextObservation].map(vector => Array.from(vector))
    return { observation: from, action: taken, nextObservation: to, ...rest }
  })
}

describe('sac record --transitions', () => {
  test('writes the same steps in each format, cut off episodes as truncated', async () => {
    for (const name of ['demo.npz', 'demo.jsonl']) {
      const { code, stdout, stderr } = await sac(
        `record Pendulum-v1 --transitions ${name} --episodes 2 --max-steps 30 --seed 3`,
      )
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toContain(`Recorded 60 transitions in ${name}`)
    }
    const transitions = await transitionsOf('demo.jsonl')
    expect(transitions).toHaveLength(60)
    expect(transitions.flatMap(({ truncated }, i) => (truncated ? [i] : []))).toEqual([29, 59])
    expect(await transitionsOf('demo.npz')).toEqual(transitions)
    expect(readdirSync(cwd)).not.toContain('Pendulum-v1.gif')
  })

  test('beside a film, with --out', async () => {
    const { code } = await sac(
      'record Pendulum-v1 --transitions film.jsonl --out film.png --max-steps 5 --seed 3',
    )
    expect(code).toBe(0)
    expect(existsSync(join(cwd, 'film.png'))).toBe(true)
    expect(await transitionsOf('film.jsonl')).toHaveLength(5)
  })

  test.each([
    ['demo.csv', /demo.csv must have a name that ends in .jsonl or .npz/],
    ['nowhere/demo.npz', /There is no directory nowhere/],
  ])('not in %s', async (name, message) => {
    const { code, stderr } = await sac(`record Pendulum-v1 --transitions ${name}`)
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
  })
})

describe('sac train --demonstrations', () => {
  test('begins with them, and resumes exactly without the file', async () => {
    const train = `train Pendulum-v1 ${small} --demonstrations demo.npz --cloning-updates 10 --demonstration-updates 20 --cloning-weight 3`
    const whole = await sac(`${train} --steps 80 --out whole`)
    expect(whole).toMatchObject({ code: 0, stderr: '' })
    expect(whole.stdout).toMatch(/Learning from 60 transitions of .*demo.npz/)
    expect((await sac(`${train} --steps 40 --out parts`)).code).toBe(0)
    renameSync(join(cwd, 'demo.npz'), join(cwd, 'moved.npz'))
    const resumed = await sac('resume parts --steps 80')
    renameSync(join(cwd, 'moved.npz'), join(cwd, 'demo.npz'))
    expect(resumed).toMatchObject({ code: 0, stderr: '' })
    const parameters = (run: string) => readFileSync(join(cwd, run, 'parameters.safetensors'))
    expect(parameters('parts').equals(parameters('whole'))).toBe(true)
    // They matter.
    expect((await sac(`train Pendulum-v1 ${small} --steps 80 --out plain`)).code).toBe(0)
    expect(parameters('plain').equals(parameters('whole'))).toBe(false)
    expect(summarizeRun(join(cwd, 'whole')).metrics.train.at(-1)!.updates).toBe(20 + 60)
  })

  test('into the replay buffer, of which only the newest part fits', async () => {
    const { code, stdout } = await sac(
      `train Pendulum-v1 ${small} --steps 30 --demonstrations demo.jsonl --demonstrations-into replay --buffer-size 50`,
    )
    expect(code).toBe(0)
    expect(stdout).toContain('note: only the last 50 of them are kept')
  })

  test('makes no directory if they cannot be learned from', async () => {
    const [line] = readFileSync(join(cwd, 'demo.jsonl'), 'utf8').split('\n')
    const wrong = { ...JSON.parse(line), action: [7] }
    writeFileSync(join(cwd, 'wrong.jsonl'), `${line}\n${JSON.stringify(wrong)}\n`)
    writeFileSync(join(cwd, 'empty.jsonl'), '')
    for (const [flags, message] of [
      ['--demonstrations wrong.jsonl', /wrong.jsonl, row 2: action\[0\] is 7, outside its bounds, -2 and 2/],
      ['--demonstrations empty.jsonl', /empty.jsonl has no transitions/],
      ['--demonstrations none.npz', /There is no file of transitions .*none.npz/],
      ['--demonstrations demo.csv', /There is no file of transitions/],
      ['--cloning-updates 5', /cloningUpdates is 5: name the demonstrations to imitate/],
      ['--demonstration-updates 5', /demonstrationUpdates is 5: name the demonstrations to imitate/],
      [
        '--cloning-weight 5 --demonstrations demo.jsonl --demonstrations-into replay',
        /cloningWeight is 5: name the demonstrations to imitate, with demonstrationsInto batches/,
      ],
    ] as const) {
      const { code, stderr } = await sac(`train Pendulum-v1 ${small} --steps 30 --out faulty ${flags}`)
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) })
    }
    expect(existsSync(join(cwd, 'faulty'))).toBe(false)
  })
})
