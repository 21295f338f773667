import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createFrameReader, encodeFrame, type Frame } from '../../src/gymnasium/frames.ts'
import { GymnasiumError, makeGymnasiumEnvs } from '../../src/gymnasium/index.ts'
import { notFinite, notNumbers } from '../non-numbers.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gymnasium-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

/** A program that can be named in place of Python. */
function program(code: string): string {
  const path = join(folder, 'python.mjs')
  const frames = JSON.stringify(join(import.meta.dirname, '../../dist/src/gymnasium/frames.js'))
  const imports = `import { createFrameReader, encodeFrame } from ${frames}`
  writeFileSync(path, `#!${process.execPath}\n${imports}\n${code}`, { mode: 0o755 })
  return path
}

describe('frames', () => {
  const frames: Frame[] = [
    { content: [['step', 1, 0]], numbers: Float64Array.of(0.1, -0, NaN, Infinity) },
    { content: [], numbers: new Float64Array(0) },
    { content: { text: 'ä€' }, numbers: Float64Array.of(5e-324) },
  ]
  const bytes = Buffer.concat(frames.map(encodeFrame))

  test.each([1, 3, 8, 21, 1000])('arrive whole in pieces of %i bytes', size => {
    const arrived: Frame[] = []
    const read = createFrameReader(frame => arrived.push(frame))
    for (let start = 0; start < bytes.length; start += size) read(bytes.subarray(start, start + size))
    expect(arrived).toEqual(frames)
  })
})

describe('what cannot be started says why', () => {
  test.each([
    ['no such program', 'no-python-here', "there is no program 'no-python-here': install Python 3"],
    ['a folder', tmpdir(), `Python cannot be started as '${tmpdir()}' (spawn`],
    ['another program', 'cat', "Python ('cat') ended with exit code"],
  ])('%s', async (_, python, message) => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    await expect(makeGymnasiumEnvs('Pendulum-v1', { python })).rejects.toThrow(GymnasiumError)
    await expect(makeGymnasiumEnvs('Pendulum-v1', { python })).rejects.toThrow(message)
    vi.stubEnv('SAC_PYTHON', python)
    await expect(makeGymnasiumEnvs('Pendulum-v1')).rejects.toThrow(message)
  })

  test('no number of environments', async () => {
    await expect(makeGymnasiumEnvs('Pendulum-v1', { count: 0 })).rejects.toThrow(/count is 0; it must be/)
  })
})

/** In place of Python: every observation is the number of the frame, how many calls it held, and the action. */
const echo = () =>
  program(`
    let number = 0
    const read = createFrameReader(({ content: calls, numbers }) => {
      number++
      let start = 0
      const answers = calls.map(([name, count]) => {
        const action = numbers[start]
        start += count
        if (name === 'make') return [[-9, -9, -9, 9, 9, 9, -1, 1], { observationShape: [3], actionShape: [1] }]
        return [[number, calls.length, action ?? 0, ...(name === 'step' ? [0] : [])], {}]
      })
      const content = answers.map(([numbers, result]) => [numbers.length, result])
      process.stdout.write(encodeFrame({ content, numbers: Float64Array.from(answers.flatMap(([numbers]) => numbers)) }))
    })
    process.stdin.on('data', read)`)

test('calls of one tick travel in one frame and are answered in their order', async () => {
  const python = echo()
  const envs = await makeGymnasiumEnvs('Any-v0', { count: 3, python })
  const observations = async (answers: unknown[]) =>
    (await Promise.all(answers)).map(answer =>
      Array.from((answer as { observation: Float64Array }).observation),
    )

  expect(await observations(envs.map(env => env.reset()))).toEqual(Array(3).fill([2, 3, 0]))
  const steps = envs.map((env, i) => env.step(Float32Array.of(i + 1)))
  await Promise.resolve()
  // Asked later: in the next frame, on its way at the same time.
  const later = envs[0].step(Float32Array.of(4))
  expect(await observations([...steps, later])).toEqual([
    [3, 3, 1],
    [3, 3, 2],
    [3, 3, 3],
    [4, 1, 4],
  ])
  await Promise.all(envs.map(env => env.close!()))
})

test('only numbers go to Python as actions, and as options what JSON holds', async () => {
  const [env] = await makeGymnasiumEnvs('Any-v0', { python: echo() })
  await env.reset({ seed: 1, options: { at: [0.5, null, 'home'], gentle: true, unset: undefined } })
  for (const [, value, words] of notNumbers) {
    await expect(env.step([value] as never)).rejects.toThrow(`action[0] is ${words}, not a number`)
  }
  for (const value of notFinite)
    await expect(env.step([value] as never)).rejects.toThrow(/action\[0\] is .*, not finite/)
  await expect(env.step(new Float32Array(2))).rejects.toThrow(/the action has 2 elements, not 1/)
  for (const value of [Number.NaN, 1n, () => 1, Symbol('s'), Float32Array.of(1), new Date(0), new Map()]) {
    const options = { start: [{ angle: value }] }
    await expect(env.reset({ options })).rejects.toThrow(
      /options of reset.options.start\[0\].angle is .*: options for Python are numbers other than NaN/,
    )
    await expect(makeGymnasiumEnvs('Any-v0', { python: echo(), options })).rejects.toThrow(TypeError)
  }
  await expect(env.reset({ options: { at: [undefined] } })).rejects.toThrow(/at\[0\] is undefined/)
  await env.close!()
})
