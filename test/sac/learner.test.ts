import { describe, expect, test } from 'vitest'
import { createRandom } from '../../src/random.ts'
import { drawChance } from '../../src/sac/chance.ts'
import type { Engine } from '../../src/sac/engine.ts'
import { createLearner, type Learner } from '../../src/sac/learner.ts'
import { DivergenceError } from '../../src/sac/metrics.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'
import { parseSacOptions } from '../../src/sac/parse-options.ts'
import { startOfTemperature } from '../../src/sac/temperature.ts'
import type { UpdateState } from '../../src/sac/tensors.ts'
import { ACT, kindOfUpdate, stepName, type UpdateConfig, updateProgram } from '../../src/sac/update.ts'

const configOf = (options: SacOptionsInput = {}): UpdateConfig => ({
  ...parseSacOptions({
    hiddenSizes: [16, 12],
    batchSize: 32,
    actorLearningRate: 1e-3,
    criticLearningRate: 1e-3,
    temperatureLearningRate: 1e-3,
    ...options,
  }),
  observationSize: 5,
  actionSize: 2,
})

const engines: Engine[] = [
  { kind: 'wasm', threads: 1 },
  { kind: 'wasm-fast', threads: 1 },
]

describe.each(engines)('$kind', engine => {
  async function learnerWith(options: SacOptionsInput = {}, rewardScale = 1): Promise<Learner> {
    const learner = await createLearner(configOf(options), engine, createRandom(3, 'initial weights'))
    const random = createRandom(4, 'test')
    const { inputs } = learner.program
    for (const name of ['observation', 'nextObservation', 'reward'] as const) random.fillNormal(inputs[name])
    drawChance(inputs, learner.config, random)
    random.fillUniform(inputs.action, -1, 1)
    for (let i = 0; i < inputs.reward.length; i++) inputs.reward[i] *= rewardScale
    inputs.discount.fill(learner.config.gamma)
    return learner
  }

  const snapshot = ({ program }: Learner, names: readonly (keyof UpdateState)[]) =>
    names.map(name => program.state(name).slice())

  describe('the start', () => {
    test('weights are uniform within 1/sqrt(fan in), biases too, and targets copy the critics', async () => {
      const { program } = await learnerWith()
      const actor = program.state('actor')
      const first = actor.subarray(0, 5 * 16 + 16)
      const bound = 1 / Math.sqrt(5)
      expect(Math.max(...first.map(Math.abs))).toBeLessThanOrEqual(Math.fround(bound))
      expect(Math.max(...first.map(Math.abs))).toBeGreaterThan(bound * 0.9)
      expect(Math.max(...actor.subarray(5 * 16 + 16).map(Math.abs))).toBeLessThanOrEqual(1 / Math.sqrt(12))
      expect(program.state('targets')).toEqual(program.state('critics'))
      const critics = program.state('critics')
      expect(critics.subarray(0, critics.length / 2)).not.toEqual(critics.subarray(critics.length / 2))
    })

    test('a temperature option gives a start, and says whether it is tuned', () => {
      expect(startOfTemperature(0.2)).toEqual({ initial: 0.2, tuned: false })
      expect(startOfTemperature('auto')).toEqual({ initial: 1, tuned: true })
      expect(startOfTemperature('auto_0.1')).toEqual({ initial: 0.1, tuned: true })
    })
  })

  describe('delays are counted over the whole run', () => {
    test('the actor moves on every second update, the targets on every third', async () => {
      const learner = await learnerWith({ policyDelay: 2, targetUpdateInterval: 3 })
      for (let update = 1; update <= 12; update++) {
        const before = snapshot(learner, ['critics', 'actor', 'logAlpha', 'targets'])
        const metrics = await learner.update()
        const after = snapshot(learner, ['critics', 'actor', 'logAlpha', 'targets'])
        const moved = before.map((values, i) => values.some((value, j) => value !== after[i][j]))
        const [actor, targets] = [update % 2 === 0, update % 3 === 0]
        expect(moved).toEqual([true, actor, actor, targets])
        for (const name of ['entropy', 'actionSpread', 'temperatureLoss'] as const) {
          expect(metrics[name] !== undefined).toBe(actor)
        }
      }
      expect(learner.counters).toEqual({ updates: 12, actorUpdates: 6 })
    })

    test('only kinds of update that occur are compiled', () => {
      for (const [policyDelay, targetUpdateInterval] of [
        [1, 1],
        [2, 1],
        [1, 2],
        [2, 2],
        [2, 4],
        [4, 2],
        [2, 3],
        [6, 4],
      ]) {
        const changed = configOf({ policyDelay, targetUpdateInterval })
        const occurring = new Set<string>([ACT])
        for (let update = 1; update <= 24; update++) occurring.add(stepName(kindOfUpdate(changed, update)))
        expect(new Set(Object.keys(updateProgram(changed).steps))).toEqual(occurring)
      }
    })
  })

  describe('what an update tells', () => {
    test('of the actions that the policy sampled, and of the temperature', async () => {
      const learner = await learnerWith({ targetEntropy: -7 })
      learner.program.state('logAlpha')[0] = 0.5
      const metrics = await learner.update()
      const { outputs } = learner.program
      const mean = (values: Float32Array) => values.reduce((a, b) => a + b, 0) / values.length
      expect(metrics.logProb).toBeCloseTo(mean(outputs.logProb!), 5)
      expect(metrics.entropy).toBe(-metrics.logProb!)
      expect(metrics.temperatureLoss).toBeCloseTo(-0.5 * (metrics.logProb! - 7), 6)
      expect(metrics.actionMean).toBeCloseTo(mean(outputs.sampledAction), 5)
      expect(metrics.actionSpread).toBeGreaterThan(0.3)
      expect(metrics.actionSpread).toBeLessThan(1)
      expect(metrics.actionSaturation).toBeLessThan(0.2)
      // A policy whose centres lie far beyond the bounds.
      const actor = learner.program.state('actor')
      actor.fill(20, actor.length - 4, actor.length - 2)
      expect(await learner.update()).toMatchObject({ actionMean: 1, actionSpread: 0, actionSaturation: 1 })
    })

    test('a fixed temperature has no loss', async () => {
      const metrics = await (await learnerWith({ temperature: 1 })).update()
      expect(metrics).not.toHaveProperty('temperatureLoss')
      expect(metrics.entropy).toBeDefined()
    })
  })

  describe('learning', () => {
    test.each(['relu', 'tanh'] as const)('%s critics fit a fixed batch', async activation => {
      const learner = await learnerWith({ activation, gamma: 0 })
      const { criticLoss: first } = await learner.update()
      let last = first
      for (let i = 0; i < 400; i++) ({ criticLoss: last } = await learner.update())
      expect(last).toBeLessThan(first / 10)
    })

    test('the temperature falls while entropy is above its target, and rises below', async () => {
      const falling = await learnerWith({ targetEntropy: -20 })
      const rising = await learnerWith({ targetEntropy: 20 })
      for (let i = 0; i < 20; i++) await Promise.all([falling.update(), rising.update()])
      expect(falling.program.state('logAlpha')[0]).toBeLessThan(-0.015)
      expect(rising.program.state('logAlpha')[0]).toBeGreaterThan(0.015)
    })

    test('a longest gradient norm limits the step, and changes nothing where it is not reached', async () => {
      const [free, loose, tight] = await Promise.all([
        learnerWith(),
        learnerWith({ maxGradientNorm: 1e6 }),
        learnerWith({ maxGradientNorm: 1e-3 }),
      ])
      const metrics = await Promise.all([free, loose, tight].map(learner => learner.update()))
      expect(metrics[0].criticsGradientNorm).toBeGreaterThan(0.1)
      // Reported before clipping, so that one sees what was clipped.
      expect(metrics[2].criticsGradientNorm).toBeCloseTo(metrics[0].criticsGradientNorm, 4)
      expect(loose.program.state('critics')).toEqual(free.program.state('critics'))
      // After one step, Adam's running sum of gradients is the clipped gradient itself.
      const norm = Math.hypot(...tight.program.state('criticsMomentum'))
      expect(norm).toBeGreaterThan(0.99e-3)
      expect(norm).toBeLessThan(1.01e-3)
    })
  })

  describe('batch renorm', () => {
    test('warms up for passes of each network, and the actor makes fewer of them', async () => {
      const learner = await learnerWith({
        ...{ algorithm: 'crossq', criticHiddenSizes: 'same', batchRenormWarmup: 2, policyDelay: 2 },
      })
      const { criticsRenorm, actorRenorm } = learner.program.inputs
      const seen: number[][] = []
      for (let update = 1; update <= 7; update++) {
        await learner.update()
        seen.push([...criticsRenorm!, ...actorRenorm!])
      }
      const [plain, corrected] = [
        [1, 0],
        [3, 5],
      ]
      // The critics' third pass is update 3, the actor's third would be update 6.
      const expected = [1, 2, 3, 4, 5, 6, 7].map(update => [
        ...(update <= 2 ? plain : corrected),
        ...(update <= 4 ? plain : corrected),
      ])
      expect(seen).toEqual(expected)
    })
  })

  describe('divergence', () => {
    test('an update that is not finite is not applied, and says what and where', async () => {
      const learner = await learnerWith()
      await learner.update()
      const names = ['actor', 'critics', 'targets', 'criticsVelocity', 'logAlpha'] as const
      const before = snapshot(learner, names)
      const reward = learner.program.inputs.reward[7]
      learner.program.inputs.reward[7] = Number.NaN
      await expect(learner.update()).rejects.toThrow(DivergenceError)
      await expect(learner.update()).rejects.toThrow(/Update 2 .*criticLoss is NaN/)
      expect(snapshot(learner, names)).toEqual(before)
      expect(learner.counters.updates).toBe(1)
      learner.program.inputs.reward[7] = reward
      expect((await learner.update()).criticLoss).toBeGreaterThan(0)
    })

    test('rewards beyond float32 arithmetic are told as divergence, before parameters are lost', async () => {
      const learner = await learnerWith({}, 1e30)
      await expect(learner.update()).rejects.toThrow(/criticLoss is Infinity/)
      expect([...learner.program.state('critics')].every(Number.isFinite)).toBe(true)
    })
  })
})
