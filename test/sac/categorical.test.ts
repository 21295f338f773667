import { describe, expect, test } from 'vitest'
import { gradient } from '../../src/graph/gradient.ts'
import { input, sum } from '../../src/graph/operations.ts'
import { createRandom } from '../../src/random.ts'
import { categoricalActor, choiceCritics } from '../../src/sac/algorithm.ts'
import { categorical, oneHot } from '../../src/sac/categorical.ts'
import { softActorLoss } from '../../src/sac/losses.ts'
import { interpret } from '../graph/reference-interpreter.ts'

const B = 4

describe.each([1, 2, 3, 5, 8, 13])('%i actions', n => {
  const logits = input('logits', [B, n])
  const values = createRandom(n, 'test').fillUniform(new Float32Array(B * n), -2, 2)

  test('probabilities are the softmax, and the mean of log pi is minus the entropy', () => {
    const { action, logProb } = categorical(logits)
    const [p, meanLog] = interpret([action, logProb!], { logits: values })
    for (let row = 0; row < B; row++) {
      const weights = Array.from(values.subarray(row * n, (row + 1) * n), Math.exp)
      const total = weights.reduce((a, b) => a + b, 0)
      weights.forEach((weight, i) => {
        expect(p[row * n + i]).toBeCloseTo(weight / total, 12)
      })
      expect(meanLog[row]).toBeCloseTo(
        weights.reduce((mean, weight) => mean + (weight / total) * Math.log(weight / total), 0),
        12,
      )
    }
  })

  test('logits of any size give finite numbers', () => {
    const { action, logProb } = categorical(logits)
    const huge = values.map((value, i) => (i % 3 === 0 ? 1e30 : value * 1e4))
    const loss = sum(logProb!)
    for (const numbers of interpret([action, logProb!, ...gradient(loss, [logits])], { logits: huge })) {
      expect(numbers.every(Number.isFinite)).toBe(true)
    }
  })

  test("the actor's loss has the gradient that differences of it show", () => {
    const q = [input('q1', [B, n]), input('q2', [B, n])]
    const alpha = input('alpha', [1, 1])
    const { action, logProb } = categoricalActor(n).sample(logits)
    const loss = softActorLoss(choiceCritics({ actorValue: 'min' }).actorValue(q, action), alpha, logProb!)
    const random = createRandom(n, 'q')
    const given = {
      logits: values,
      q1: random.fillNormal(new Float32Array(B * n)),
      q2: random.fillNormal(new Float32Array(B * n)),
      alpha: Float32Array.of(0.3),
    }
    const [slopes] = interpret(gradient(loss, [logits]), given)
    const step = 2 ** -10
    for (let i = 0; i < B * n; i++) {
      const [above, below] = [step, -step].map(change => {
        const changed = values.slice()
        changed[i] += change
        return { at: changed[i], loss: interpret([loss], { ...given, logits: changed })[0][0] }
      })
      expect(slopes[i]).toBeCloseTo((above.loss - below.loss) / (above.at - below.at), 5)
    }
  })

  test('an action that was taken is 1 in its own column', () => {
    const taken = Float32Array.from({ length: B }, (_, row) => (row * 3) % n)
    const [rows] = interpret([oneHot(input('taken', [B, 1]), n)], { taken })
    expect([...rows]).toEqual(
      [...taken].flatMap(index => Array.from({ length: n }, (_, i) => Number(i === index))),
    )
  })
})
