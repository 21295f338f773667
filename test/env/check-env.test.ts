import { describe, expect, test } from 'vitest'
import { checkEnv } from '../../src/env/check-env.ts'
import { discrete, multiDiscrete } from '../../src/env/discrete.ts'
import type { Env, ResetResult, StepResult } from '../../src/env/env.ts'
import { box } from '../../src/env/spaces.ts'
import { timeLimit } from '../../src/env/wrappers.ts'
import { createPendulum } from '../../src/envs/pendulum.ts'
import { makeEnv } from '../../src/envs/registry.ts'

const sound = () => timeLimit(createPendulum(), 50)

/** A sound environment but for its observations. */
function withObservations(change: (observation: Float32Array) => unknown): Env {
  const env = sound()
  const changed = <T extends { observation: unknown }>(result: T) =>
    ({ ...result, observation: change(result.observation as Float32Array) }) as T & ResetResult
  return {
    ...env,
    reset: options => changed(env.reset(options) as ResetResult),
    step: action => changed(env.step(action) as StepResult),
  }
}

/** A sound environment but for part of what its steps return. */
function withResults(change: object): Env {
  const env = sound()
  return { ...env, step: action => ({ ...(env.step(action) as StepResult), ...change }) }
}

/** A sound environment with discrete actions, but for how it reads them. */
function choosing(read = (action: Float32Array) => action[0]): Env {
  const env = sound()
  return {
    ...env,
    actionSpace: discrete(2),
    step: action => env.step(Float32Array.of(read(action) === 1 ? 2 : -2)),
  }
}

function copyInto(target: Float32Array, source: Float32Array): Float32Array {
  target.set(source)
  return target
}

const shared = new Float32Array(3)
const buffer = new Float32Array(8)
const pair = [new Float32Array(3), new Float32Array(3)]
let turn = 0

const faulty: [string, () => unknown, 'error' | 'warning', RegExp][] = [
  ['no step', () => ({ ...sound(), step: undefined }), 'error', /no method step/],
  ['no space', () => ({ ...sound(), actionSpace: undefined }), 'error', /actionSpace is not a box/],
  [
    'a size that is not the product of the shape',
    () => ({ ...sound(), observationSpace: { ...sound().observationSpace, size: 4 } }),
    'error',
    /observationSpace has shape \[3\] and size 4/,
  ],
  [
    'too few bounds',
    () => ({ ...sound(), actionSpace: { ...sound().actionSpace, low: [] } }),
    'error',
    /actionSpace has 0 lower and 1 upper bounds for 1 elements/,
  ],
  [
    'discrete actions that were not made here',
    () => ({ ...choosing(), actionSpace: { kind: 'discrete', n: 4 } }),
    'error',
    /not made with discrete\(n\) or multiDiscrete/,
  ],
  [
    'more combinations than can be chosen from',
    () => ({ ...choosing(), actionSpace: multiDiscrete([20, 20, 20]) }),
    'error',
    /has 8000 actions, because each combination of its 3 numbers is one; at most 4096/,
  ],
  [
    'actions of another kind',
    () => ({ ...choosing(), actionSpace: { kind: 'multi-binary', n: 3 } }),
    'error',
    /of kind multi-binary; it must be made with box\(\) .* multiDiscrete with 2 choices/,
  ],
  [
    'actions of two kinds together',
    () => ({
      ...choosing(),
      actionSpace: { kind: 'tuple', spaces: [discrete(2), box({ low: 0, high: 1 })] },
    }),
    'error',
    /Numbers and choices together are not supported/,
  ],
  [
    'a discrete observation',
    () => ({ ...choosing(), observationSpace: discrete(5) }),
    'error',
    /observationSpace is not a box/,
  ],
  [
    'a choice of one',
    () => ({ ...choosing(), actionSpace: discrete(1) }),
    'warning',
    /a single action: there is nothing to learn/,
  ],
  [
    'a choice that is compared as if it were no vector',
    () => choosing(action => ((action as unknown) === 1 ? 1 : 0)),
    'warning',
    /no difference which action is taken: the first 2 of 2/,
  ],
  [
    'unbounded actions',
    () => ({ ...sound(), actionSpace: box({ low: -1, high: Infinity }) }),
    'error',
    /element 0 of actionSpace is bounded by -1 and Infinity/,
  ],
  [
    'empty action bounds',
    () => ({ ...sound(), actionSpace: box({ low: 1, high: 1 }) }),
    'error',
    /bounded by 1 and 1/,
  ],
  [
    'observation bounds the wrong way round',
    () => ({
      ...sound(),
      observationSpace: { ...sound().observationSpace, low: Float32Array.of(0, 2, 0), high: [1, 1, 1] },
    }),
    'error',
    /element 1 of observationSpace is bounded by 2 and 1/,
  ],
  [
    'observations that are large',
    () => ({
      ...withObservations(o => [o[0], o[1], 1e12 * o[2]]),
      observationSpace: box({ low: -Infinity, high: Infinity, shape: [3] }),
    }),
    'warning',
    /observation\[2\] is of the order of \d\.\de\+1\d: networks learn badly/,
  ],
  [
    'an element that is large and never changes',
    () => ({
      ...withObservations(o => [1_000_000.1, o[1], o[2]]),
      observationSpace: box({ low: -Infinity, high: Infinity, shape: [3] }),
    }),
    'warning',
    /observation\[0\] was 1000000.1 in all 30\d observations/,
  ],
  [
    'observations that never change',
    () => withObservations(() => [0, 0.5, 0]),
    'warning',
    /no element of the observation changed in 30\d observations/,
  ],
  [
    'a short observation',
    () => withObservations(o => o.slice(1)),
    'error',
    /observation of 2 numbers .* has 3/,
  ],
  ['no observation', () => withObservations(() => undefined), 'error', /observation of undefined/],
  [
    'reset without a result',
    () => ({ ...sound(), reset: () => undefined }),
    'error',
    /reset.*observation of undef/,
  ],
  [
    'NaN',
    () => withObservations(o => o.map((x, i) => (i === 1 ? NaN : x))),
    'error',
    /observation\[1\] = NaN/,
  ],
  [
    'a number that float32 does not hold',
    // Within its bounds: it is not the space that refuses it.
    () => ({
      ...withObservations(o => Array.from(o, (x, i) => (i === 1 ? 1e39 : x))),
      observationSpace: box({ low: -Infinity, high: Infinity, shape: [3] }),
    }),
    'error',
    /observation\[1\] = 1e\+39$/,
  ],
  ['nested', () => withObservations(o => [[o[0]], o[1], o[2]]), 'error', /observation\[0\] = an array/],
  [
    'observations outside their space',
    () => withObservations(o => o.with(2, 9)),
    'error',
    /observation\[2\] = 9, outside observationSpace \[-8, 8\]/,
  ],
  [
    'the same array each time',
    () => withObservations(o => copyInto(shared, o)),
    'error',
    /step\(\) number 1 reused the array/,
  ],
  [
    'the same memory each time',
    () => withObservations(o => copyInto(buffer.subarray(0, 3), o)),
    'error',
    /step\(\) number 1 reused the array/,
  ],
  [
    'two arrays in turn',
    () => withObservations(o => copyInto(pair[turn++ % 2], o)),
    'error',
    /step\(\) number 2 reused the array/,
  ],
  [
    'an array written to later',
    () => {
      let last: Float32Array | undefined
      return withObservations(o => {
        last?.fill(0)
        last = o
        return o
      })
    },
    'error',
    /step\(\) number 1 reused the array/,
  ],
  [
    'a reset that ignores its seed',
    () => {
      const env = sound()
      return { ...env, reset: () => env.reset() }
    },
    'warning',
    /same seed .* differ from the start/,
  ],
  [
    'random steps outside the seeded stream',
    () =>
      withResults({
        get reward() {
          return Math.random()
        },
      }),
    'warning',
    /differ after 1 calls/,
  ],
  ['reward NaN', () => withResults({ reward: NaN }), 'error', /step\(\) number 1 returned reward NaN/],
  ['reward beyond float32', () => withResults({ reward: 1e39 }), 'error', /returned reward 1e\+39/],
  ['reward as text', () => withResults({ reward: '1.5' }), 'error', /returned reward '1.5'/],
  ['reward in an array', () => withResults({ reward: [1] }), 'error', /reward an array/],
  ['terminated 0', () => withResults({ terminated: 0 }), 'error', /terminated = 0/],
  ['truncated as text', () => withResults({ truncated: 'no' }), 'error', /truncated = 'no'/],
  [
    'step throws',
    () => ({
      ...sound(),
      step() {
        throw new RangeError('no power')
      },
    }),
    'error',
    /step\(\) number 1 threw RangeError: no power for the action \[/,
  ],
  ['step rejects', () => ({ ...sound(), step: async () => Promise.reject('gone') }), 'error', /threw 'gone'/],
  [
    'reset throws',
    () => ({
      ...sound(),
      reset() {
        throw new Error('stuck')
      },
    }),
    'error',
    /reset\(\{ seed \}\) threw Error: stuck/,
  ],
  [
    'the second reset throws',
    () => {
      const env = sound()
      let resets = 0
      return {
        ...env,
        reset(options: object) {
          if (resets++ > 0) throw new Error('once only')
          return env.reset(options)
        },
      }
    },
    'error',
    /reset\(\) threw Error: once only/,
  ],
  [
    'clips its action in place',
    () => {
      const env = sound()
      return {
        ...env,
        step(action: Float32Array) {
          action[0] = 0
          return env.step(action)
        },
      }
    },
    'error',
    /wrote to its action/,
  ],
  ['never ends', () => createPendulum(), 'warning', /no episode ended within 300 steps/],
  [
    'a getter that throws',
    () => ({
      ...sound(),
      get observationSpace() {
        throw new Error('not ready')
      },
    }),
    'error',
    /reading the environment failed: Error: not ready/,
  ],
]

describe('finds', () => {
  test.each(faulty)('%s', async (_, make, severity, problem) => {
    const findings = await checkEnv(make() as Env, { steps: 300 })
    expect(findings).toHaveLength(1)
    expect(findings[0].severity).toBe(severity)
    expect(findings[0].problem).toMatch(problem)
    expect(findings[0].remedy).not.toBe('')
  })
})

test('reports every missing member of nothing at all', async () => {
  const problems = (await checkEnv(undefined as never)).map(({ problem }) => problem)
  expect(problems.join(' ')).toMatch(/reset.*step.*observationSpace.*actionSpace/)
})

describe('finds nothing wrong with', () => {
  test('Pendulum-v1', async () => {
    expect(await checkEnv(await makeEnv('Pendulum-v1'))).toEqual([])
  })

  test('an environment that answers with promises', async () => {
    const env = sound()
    const slow: Env = { ...env, reset: async o => env.reset(o), step: async a => env.step(a) }
    expect(await checkEnv(slow, { steps: 100, seed: 4 })).toEqual([])
  })

  test('small numbers that never change, such as masses, and large ones that are in range', async () => {
    const env = withObservations(o => [8.9, 0, 500 * o[1]])
    const observationSpace = box({ low: -500, high: 500, shape: [3] })
    expect(await checkEnv({ ...env, observationSpace }, { steps: 100 })).toEqual([])
  })

  test('asymmetric and large action bounds', async () => {
    const env = sound()
    expect(await checkEnv({ ...env, actionSpace: box({ low: -3e5, high: 3e38 }) }, { steps: 100 })).toEqual(
      [],
    )
  })
})
