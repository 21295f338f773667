/** Replays a file of float64 reference updates and compares every quantity in it (format: test/golden/README.md). */
import { createRandom } from '../src/random.ts'
import type { Engine } from '../src/sac/engine.ts'
import { createLearner, type Learner } from '../src/sac/learner.ts'

type Matrix = number[][]
type Layers = (Matrix | number[])[]

export interface GoldenFile {
  obs_dim: number
  act_dim: number
  hidden: number[]
  batch_size: number
  options: {
    gamma: number
    tau: number
    actor_lr: number
    critic_lr: number
    alpha_lr: number
    alpha0: number
    auto_alpha: number | boolean
    target_entropy: number
    policy_delay: number
    target_update_interval: number
  }
  init: { actor: Layers; critic1: Layers; critic2: Layers; log_alpha: number }
  updates: GoldenUpdate[]
}

interface GoldenUpdate {
  batch: {
    observation: Matrix
    action: Matrix
    reward: number[]
    next_observation: Matrix
    terminated: number[]
  }
  noise: { observation: Matrix; next_observation: Matrix }
  after: {
    actor: Layers
    critic1: Layers
    critic2: Layers
    target1: Layers
    target2: Layers
    log_alpha: number
  }
  [quantity: string]: unknown
}

/** One quantity of one update: the largest errors over its elements, and whether they are small enough. */
export interface Comparison {
  update: number
  quantity: string
  absolute: number
  relative: number
  passed: boolean
}

const flat = (x: unknown): number[] => [x].flat(Infinity as 1) as number[]

/** Replays all updates of a golden file on one engine. */
export async function replayGolden(
  golden: GoldenFile,
  engine: Engine['kind'] = 'wasm',
  threads = 1,
): Promise<Comparison[]> {
  const learner = await goldenLearner(golden, { kind: engine, threads })
  const { options } = golden
  const comparisons: Comparison[] = []
  for (const [index, update] of golden.updates.entries()) {
    const number = index + 1
    const check = (quantity: string, expected: unknown, actual: ArrayLike<number>, tolerance: Tolerance) =>
      comparisons.push({ update: number, quantity, ...compare(flat(expected), actual, tolerance) })

    writeInputs(learner, update)
    check('alpha_before', update.alpha_before, [Math.exp(learner.program.state('logAlpha')[0])], VALUE)
    await learner.update()
    const { outputs } = learner.program
    for (const [quantity, output] of Object.entries(QUANTITIES)) {
      if (update[quantity] !== undefined) check(quantity, update[quantity], outputs[output], VALUE)
    }
    check('alpha_after', update.alpha_after, [Math.exp(learner.program.state('logAlpha')[0])], VALUE)

    const half = (name: string, part: 0 | 1) => {
      const both = learner.program.state(name)
      return both.subarray((part * both.length) / 2, ((part + 1) * both.length) / 2)
    }
    const critic = parameterTolerance(options.critic_lr, number)
    const target = { ...critic, absolute: critic.absolute * options.tau * number + ROUNDING * number }
    check(
      'actor',
      update.after.actor,
      learner.program.state('actor'),
      parameterTolerance(options.actor_lr, number),
    )
    check('critic1', update.after.critic1, half('critics', 0), critic)
    check('critic2', update.after.critic2, half('critics', 1), critic)
    check('target1', update.after.target1, half('targets', 0), target)
    check('target2', update.after.target2, half('targets', 1), target)
    check(
      'log_alpha',
      update.after.log_alpha,
      learner.program.state('logAlpha'),
      parameterTolerance(options.alpha_lr, number),
    )
  }
  await learner.program.dispose()
  return comparisons
}

/** Quantities of a golden update, and the outputs of the step that they are compared with. */
const QUANTITIES: Record<string, string> = {
  target: 'target',
  next_log_prob: 'nextLogProb',
  q1: 'q1',
  q2: 'q2',
  critic_loss: 'criticLoss',
  action_sample: 'sampledAction',
  log_prob: 'logProb',
  actor_loss: 'actorLoss',
}

interface Tolerance {
  absolute: number
  relative: number
}

/** float32 against float64: a few hundred roundings of 6e-8. */
const VALUE: Tolerance = { absolute: 2e-5, relative: 2e-5 }

/** Rounding of a parameter of magnitude about 1 in one update. */
const ROUNDING = 2e-7

/** Adam normalises tiny gradients too, whose float32 error is large beside them: part of a learning rate an update. */
const parameterTolerance = (learningRate: number, updates: number): Tolerance => ({
  absolute: 0.2 * learningRate * updates + ROUNDING,
  relative: 0,
})

function compare(expected: readonly number[], actual: ArrayLike<number>, tolerance: Tolerance) {
  if (expected.length !== actual.length) {
    throw new Error(`the file has ${expected.length} numbers where ${actual.length} were computed`)
  }
  // Relative to the largest value: sums of large terms may be small, and are no more exact than their terms.
  const allowed = tolerance.absolute + tolerance.relative * Math.max(...expected.map(Math.abs))
  let absolute = 0
  let relative = 0
  let passed = true
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i] - expected[i])
    absolute = Math.max(absolute, error)
    relative = Math.max(relative, error === 0 ? 0 : error / Math.abs(expected[i]))
    // Written so that NaN fails.
    if (!(error <= allowed)) passed = false
  }
  return { absolute, relative, passed }
}

async function goldenLearner({ options, init, ...sizes }: GoldenFile, engine: Engine): Promise<Learner> {
  const learner = await createLearner(
    {
      observationSize: sizes.obs_dim,
      actionSize: sizes.act_dim,
      hiddenSizes: sizes.hidden,
      activation: 'relu',
      batchSize: sizes.batch_size,
      gamma: options.gamma,
      tau: options.tau,
      tuneTemperature: Boolean(options.auto_alpha),
      targetEntropy: options.target_entropy,
      maxGradientNorm: 'none',
      policyDelay: options.policy_delay,
      targetUpdateInterval: options.target_update_interval,
    },
    {
      actorLearningRate: options.actor_lr,
      criticLearningRate: options.critic_lr,
      temperatureLearningRate: options.alpha_lr,
      temperature: options.alpha0,
    },
    engine,
    createRandom(0, 'initial weights'),
  )
  const critics = [...flat(init.critic1), ...flat(init.critic2)]
  const initial = { actor: flat(init.actor), critics, targets: critics, logAlpha: [init.log_alpha] }
  for (const [name, values] of Object.entries(initial)) learner.program.state(name).set(values)
  return learner
}

function writeInputs({ program: { inputs } }: Learner, { batch, noise }: GoldenUpdate): void {
  inputs.observation.set(flat(batch.observation))
  inputs.action.set(flat(batch.action))
  inputs.reward.set(batch.reward)
  inputs.nextObservation.set(flat(batch.next_observation))
  inputs.terminated.set(batch.terminated)
  inputs.noise.set(flat(noise.observation))
  inputs.nextNoise.set(flat(noise.next_observation))
}
