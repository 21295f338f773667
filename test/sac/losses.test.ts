import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gradient } from '../../src/graph/gradient.ts'
import { input } from '../../src/graph/operations.ts'
import { imitationLoss, lowest, quantileErrors } from '../../src/sac/losses.ts'
import { interpret } from '../graph/reference-interpreter.ts'

/** Few values, so that many are equal: all targets of a terminated transition are. */
const value = fc.constantFrom<number>(-2, -1, 0, 0.5, 0.5, 1, 3)
const rows = (width: number) =>
  fc.array(fc.array(value, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 4 })

const huber = (u: number) => (Math.abs(u) <= 1 ? u ** 2 / 2 : Math.abs(u) - 0.5)

describe('quantile regression on the lowest targets', () => {
  test('takes the lowest numbers of each row, and of equal ones as many as are wanted', () => {
    fc.assert(
      fc.property(rows(6), fc.integer({ min: 1, max: 6 }), (y, count) => {
        const weights = interpret([lowest(input('y', [y.length, 6]), count)], { y: y.flat() })[0]
        for (const [i, row] of y.entries()) {
          const own = weights.slice(6 * i, 6 * i + 6)
          const sum = (term: (value: number) => number) =>
            row.reduce((total, value, j) => total + own[j] * term(value), 0)
          const kept = [...row].sort((a, b) => a - b).slice(0, count)
          expect(sum(() => 1)).toBeCloseTo(count, 9)
          for (const term of [(x: number) => x, (x: number) => x ** 2, (x: number) => Math.exp(x)]) {
            expect(sum(term)).toBeCloseTo(
              kept.reduce((total, value) => total + term(value), 0),
              9,
            )
          }
        }
      }),
    )
  })

  test('is mean |tau - [u < 0]| huber(u) of every atom and every target that is kept, summed over critics', () => {
    fc.assert(
      fc.property(rows(6), rows(3), rows(3), (y, z1, z2) => {
        const B = Math.min(y.length, z1.length, z2.length)
        const [targets, ...critics] = [y, z1, z2].map(matrix => matrix.slice(0, B))
        let expected = 0
        for (const z of critics) {
          for (const [b, row] of targets.entries()) {
            for (const target of [...row].sort((p, q) => p - q).slice(0, 4)) {
              for (const [k, atom] of z[b].entries()) {
                const u = target - atom
                expected += (Math.abs((2 * k + 1) / 6 - (u < 0 ? 1 : 0)) * huber(u)) / (B * 3 * 4)
              }
            }
          }
        }
        const tensors = [input('z1', [B, 3]), input('z2', [B, 3])]
        const loss = quantileErrors(tensors, input('y', [B, 6]), 4)
        const [found] = interpret([loss], {
          y: targets.flat(),
          z1: critics[0].flat(),
          z2: critics[1].flat(),
        })
        expect(found[0]).toBeCloseTo(expected, 9)
      }),
    )
  })
})

test('imitation counts demonstrations alone, in proportion to values, which it does not move', () => {
  const [centre, action] = [input('centre', [3, 2]), input('action', [3, 2])]
  const [shown, value] = [input('shown', [3, 1]), input('value', [3, 1])]
  const loss = imitationLoss(centre, action, shown, value)
  const values = {
    centre: [0.5, 0, 1, 1, 0, -0.5],
    action: [0, 1, 9, 9, 0, 0.5],
    shown: [1, 0, 1],
    value: [-4, 1, 1],
  }
  const [found, moved, judged] = interpret([loss, ...gradient(loss, [centre, value])], values)
  // Squared distances of rows 1 and 3 over all three rows, times the mean of |V|, 2.
  expect(found[0]).toBeCloseTo((2 * (1.25 + 1)) / 3, 9)
  expect([...moved].map(each => Number(each.toFixed(6)))).toEqual(
    [1, -2, 0, 0, 0, -2].map(each => Number(((2 * each) / 3).toFixed(6))),
  )
  expect([...judged]).toEqual([0, 0, 0])
})
