/** The event loop has its turns while environments answer at once and the engine computes in the same thread. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Env } from '../../src/env/env.ts'
import { SAC } from '../../src/sac/agent.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'
import { evaluate } from '../../src/training/evaluate.ts'
import { train } from '../../src/training/train.ts'
import { endlessPoint } from './environments.ts'

/** The engine that computes in the caller's thread. */
const small: SacOptionsInput = {
  engine: 'wasm',
  threads: 1,
  hiddenSizes: [32, 32],
  batchSize: 32,
  learningStarts: 100,
}
const RANDOM_ALONE = 1e9

/** Computes for so many milliseconds before it answers. */
function busy<T>(milliseconds: number, answer: () => T): T {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
  return answer()
}

/**
 * Processor time of this thread so far, in ms: not the clock's, for others use the machine as well, and where Linux says
 * it not that of the threads which compile and collect garbage beside it.
 */
function threadTime(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6
  } catch {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
}

/** Does some work, and says how much processor time the longest stretch took in which no timer had its turn, in ms. */
async function longestBlock(work: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let before = threadTime()
  const look = () => {
    longest = Math.max(longest, threadTime() - before)
    before = threadTime()
  }
  const timer = setInterval(look, 1)
  await work()
  look()
  clearInterval(timer)
  return longest
}

/** How much processor time the longest of some updates takes, in ms. */
async function updateTime(): Promise<number> {
  const agent = await trainFor(200)
  let longest = 0
  for (let i = 0; i < 200; i++) {
    const before = threadTime()
    await agent.update()
    longest = Math.max(longest, threadTime() - before)
  }
  return longest
}

async function trainFor(steps: number, options: SacOptionsInput = {}, envs: Env | Env[] = endlessPoint()) {
  const agent = await SAC.create([envs].flat()[0], { ...small, ...options })
  for await (const _ of train(agent, envs, { steps }));
  return agent
}

describe('no stretch without a turn takes 50 ms more than one step or update', () => {
  // All take much longer as a whole.
  const SLOW = 9
  test.each<[string, () => Promise<unknown>, (() => Promise<number>) | number]>([
    ['training, with updates', () => trainFor(2500), updateTime],
    ['training, with many updates a step', () => trainFor(110, { updatesPerStep: 200 }), updateTime],
    ['random steps alone', () => trainFor(150_000, { learningStarts: RANDOM_ALONE }), 0],
    [
      'slow environments side by side',
      () => {
        const slow = (env: Env): Env => ({ ...env, step: action => busy(SLOW, () => env.step(action)) })
        const envs = Array.from({ length: 40 }, () => slow(endlessPoint()))
        return trainFor(80, { envs: 40, learningStarts: RANDOM_ALONE }, envs)
      },
      SLOW,
    ],
    [
      'slow resets side by side',
      () => {
        const slow = (env: Env): Env => ({ ...env, reset: () => busy(SLOW, () => env.reset()) })
        const envs = Array.from({ length: 40 }, () => slow(endlessPoint()))
        return trainFor(40, { envs: 40, learningStarts: RANDOM_ALONE }, envs)
      },
      SLOW,
    ],
    [
      'an evaluation',
      async () => {
        const agent = await SAC.create(endlessPoint(), small)
        await evaluate(agent, endlessPoint(), { episodes: 1, maxSteps: 150_000 })
      },
      0,
    ],
  ])('%s', async (_, work, piece) => {
    await work() // Compiles.
    const longestPiece = typeof piece === 'number' ? piece : await piece()
    expect(await longestBlock(work)).toBeLessThan(50 + longestPiece)
  })
})

describe('an AbortSignal of a timer arrives', () => {
  test('in training', async () => {
    const agent = await SAC.create(endlessPoint(), { ...small, learningStarts: RANDOM_ALONE })
    const signal = AbortSignal.timeout(50)
    const reasons = []
    for await (const event of train(agent, endlessPoint(), { steps: 500_000, signal })) {
      if (event.type === 'done') reasons.push(event.reason)
    }
    expect(reasons).toEqual(['aborted'])
    expect(agent.steps).toBeGreaterThan(10)
  })

  test('in an evaluation', async () => {
    const agent = await SAC.create(endlessPoint(), small)
    const evaluation = evaluate(agent, endlessPoint(), { maxSteps: 100_000, signal: AbortSignal.timeout(50) })
    await expect(evaluation).rejects.toThrow(/timeout/)
  })
})

test('turns change nothing in what is learned', async () => {
  // One environment is slow, so that turns fall elsewhere each time.
  const slow = (): Env => {
    const env = endlessPoint()
    return { ...env, step: action => busy(action[0] > 0.8 ? 3 : 0, () => env.step(action)) }
  }
  const options = { envs: 2, learningStarts: 50 }
  const [quick, held] = [
    await trainFor(300, options, [endlessPoint(), endlessPoint()]),
    await trainFor(300, options, [slow(), endlessPoint()]),
  ]
  expect(held.state()).toEqual(quick.state())
})

test('a step of an environment that fails while others wait for their turn is no unhandled rejection', async () => {
  const broken = (): Env => ({
    ...endlessPoint(),
    step: () => busy(25, () => Promise.reject(new Error('on fire'))),
  })
  const options = { envs: 3, learningStarts: RANDOM_ALONE }
  await expect(trainFor(3, options, [broken(), broken(), broken()])).rejects.toThrow('on fire')
})
