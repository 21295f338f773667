import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gradient } from '../../src/graph/gradient.ts'
import { input, sum } from '../../src/graph/operations.ts'
import { squash } from '../../src/policy/network.ts'
import { squashedGaussian } from '../../src/sac/squashed-gaussian.ts'
import { engines, runOn } from '../graph/engines.ts'
import { interpret } from '../graph/reference-interpreter.ts'

const one = squashedGaussian(input('out', [1, 2]), input('noise', [1, 1]))
const sample = (mu: number, logSigma: number, noise: number) => {
  const [action, logProb] = interpret([one.action, one.logProb], { out: [mu, logSigma], noise: [noise] })
  return { action: action[0], logProb: logProb[0] }
}

test('log pi is the density of the action: over all actions it integrates to one', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.double({ min: -2, max: 0.5, noNaN: true }),
      (mu, logSigma) => {
        let total = 0
        const step = 0.002
        for (let noise = -8; noise < 8; noise += step) {
          const [a, b] = [sample(mu, logSigma, noise), sample(mu, logSigma, noise + step)]
          total += ((Math.exp(a.logProb) + Math.exp(b.logProb)) / 2) * (b.action - a.action)
        }
        expect(total).toBeCloseTo(1, 3)
      },
    ),
    { numRuns: 3 },
  )
})

test('actions of several dimensions are independent: their log probabilities add up', () => {
  const two = squashedGaussian(input('out', [1, 4]), input('noise', [1, 2]))
  const [logProb] = interpret([two.logProb], { out: [0.3, -1, -0.5, 0.2], noise: [0.7, -1.1] })
  expect(logProb[0]).toBeCloseTo(sample(0.3, -0.5, 0.7).logProb + sample(-1, 0.2, -1.1).logProb, 12)
})

test('log sigma is clamped to [-20, 2], with no gradient outside', () => {
  expect(sample(0, 7, 1)).toEqual(sample(0, 2, 1))
  expect(sample(0.1, -30, 1)).toEqual(sample(0.1, -20, 1))
  const out = input('out', [1, 2])
  const { logProb, action } = squashedGaussian(out, input('noise', [1, 1]))
  const derivative = (logSigma: number) =>
    interpret(gradient(sum(logProb), [out]).concat(gradient(sum(action), [out])), {
      out: [0, logSigma],
      noise: [1],
    })
  expect(derivative(7)[0][1]).toBe(0)
  expect(derivative(7)[1][1]).toBe(0)
  expect(derivative(1)[0][1]).not.toBe(0)
})

test.each(Object.keys(engines))(
  '%s: finite, with a finite gradient, however far out the action is',
  async engine => {
    const rows = [-1e4, -300, -30, -9, 0, 9, 30, 300, 1e4]
    const out = input('out', [rows.length, 2])
    const { action, logProb } = squashedGaussian(out, input('noise', [rows.length, 1]))
    const [d] = gradient(sum(logProb), [out])
    const results = await runOn(
      engine,
      { action, logProb, d },
      { out: rows.flatMap(mu => [mu, -1]), noise: rows.map(() => 0.5) },
    )
    for (const values of Object.values(results)) expect([...values].every(Number.isFinite)).toBe(true)
    const expected = rows.map(mu => sample(mu, -1, 0.5).logProb)
    expected.forEach((value, i) => {
      expect(Math.abs(results.logProb[i] - value)).toBeLessThan(1e-5 * (1 + Math.abs(value)))
    })
  },
)

test('the policy in plain JavaScript acts as the graph does', () => {
  const out = Float64Array.of(0.3, -1, -0.5, 5)
  const noise = Float32Array.of(0.7, -1.1)
  const graph = squashedGaussian(input('out', [1, 4]), input('noise', [1, 2]))
  const [expected] = interpret([graph.action], { out, noise })
  const actual = squash(out, new Float32Array(2), noise)
  expect(actual[0]).toBeCloseTo(expected[0], 6)
  expect(actual[1]).toBeCloseTo(expected[1], 6)
  expect([...squash(out, new Float32Array(2))]).toEqual([0.3, -1].map(mu => Math.fround(Math.tanh(mu))))
})
