/** Replays a file of float64 reference updates and compares what it says of each (format: test/golden/README.md). */
import { createRandom } from '../src/random.ts'
import type { Engine } from '../src/sac/engine.ts'
import { createLearner, type Learner } from '../src/sac/learner.ts'
import { parseSacOptions } from '../src/sac/parse-options.ts'
import type { UpdateState } from '../src/sac/tensors.ts'
import {
  DISCRETE,
  type GoldenFile,
  type GoldenUpdate,
  goldenOptions,
  type Layers,
  modernized,
} from './golden-file.ts'

/** One quantity of one update: the largest errors over its elements, and whether they are small enough. */
export interface Comparison {
  update: number
  quantity: string
  absolute: number
  relative: number
  passed: boolean
}

/** Replays all updates of a golden file on one engine. */
export async function replayGolden(
  file: GoldenFile,
  engine: Engine['kind'] = 'wasm',
  threads = 1,
): Promise<Comparison[]> {
  const golden = modernized(file)
  const learner = await goldenLearner(golden, { kind: engine, threads })
  const comparisons: Comparison[] = []
  for (const [index, update] of golden.updates.entries()) {
    const number = index + 1
    const check = (quantity: string, expected: unknown, actual: ArrayLike<number>, tolerance: number) =>
      comparisons.push({ update: number, quantity, ...compare(flat(expected), actual, tolerance) })

    writeInputs(learner, golden, update)
    if (update.alpha_before !== undefined) check('alpha_before', update.alpha_before, alpha(learner), VALUE)
    const { temperatureLoss } = await learner.update()
    for (const [quantity, actual] of Object.entries(quantitiesOf(learner, golden, temperatureLoss))) {
      if (actual && update[quantity] !== undefined) check(quantity, update[quantity], actual, VALUE)
    }
    for (const [quantity, { expected, actual }] of Object.entries(afterwards(learner, update))) {
      check(quantity, expected, actual, parameterTolerance(golden, quantity, number))
    }
    if (update.alpha_after !== undefined) check('alpha_after', update.alpha_after, alpha(learner), VALUE)
  }
  await learner.program.dispose()
  return comparisons
}

const flat = (x: unknown): number[] => [x].flat(Infinity as 1) as number[]

const alpha = ({ program }: Learner): number[] => [Math.exp(program.state('logAlpha')[0])]

/** What an update reports, by the names that golden files have for it. */
function quantitiesOf(
  { program: { outputs }, config }: Learner,
  { options }: GoldenFile,
  temperatureLoss: number | undefined,
): Record<string, ArrayLike<number> | undefined> {
  const named = outputs as Record<string, Float32Array | undefined>
  const ofCritics = (name: string) =>
    Array.from({ length: config.critics }, (_, i) => [...named[`${name}${i + 1}`]!])
  const [q, nextQ] = [ofCritics('q').flat(), ofCritics('nextQ')]
  const kept = config.critics * ((options.quantiles ?? 1) - (options.drop_per_critic ?? 0))
  const lowest = (rows: number[][]) => rows.flatMap(row => row.toSorted((a, b) => a - b).slice(0, kept))
  const rows = (values: ArrayLike<number>) => inRows(values, config.batchSize)
  const nextAtoms = rows(nextQ[0]).map((_, row) => nextQ.flatMap(atoms => rows(atoms)[row]))
  return {
    next_action: named.nextAction,
    next_probabilities: named.nextAction,
    next_log_prob: outputs.nextLogProb,
    next_q: nextQ.flat(),
    next_atoms: nextQ.flat(),
    kept_atoms: lowest(nextAtoms),
    target: lowest(rows(outputs.target)),
    q,
    atoms: q,
    critic_losses: ofCritics('criticLoss').flat(),
    critic_loss: outputs.criticLoss,
    action_sample: outputs.sampledAction,
    probabilities: outputs.sampledAction,
    log_prob: outputs.logProb,
    entropy: outputs.logProb?.map(value => -value),
    actor_loss: outputs.actorLoss,
    alpha_loss: temperatureLoss === undefined ? undefined : [temperatureLoss],
  }
}

/** The numbers of a matrix of so many rows. */
function inRows(values: ArrayLike<number>, count: number): number[][] {
  const width = values.length / count
  return Array.from({ length: count }, (_, i) => Array.from(values).slice(i * width, (i + 1) * width))
}

/** Every parameter and statistic after an update: what the file says, and what was computed. */
function afterwards({ program, layouts }: Learner, { after }: GoldenUpdate) {
  const found: Record<string, { expected: unknown; actual: ArrayLike<number> }> = {}
  const compareState = (quantity: string, expected: unknown, name: keyof UpdateState) => {
    if (expected !== undefined) found[quantity] = { expected, actual: program.state(name) }
  }
  compareState('actor', after.actor, 'actor')
  compareState('critics', after.critics, 'critics')
  compareState('targets', after.targets, 'targets')
  compareState('target_actor', after.target_actor, 'slowActor')
  compareState('log_alpha', after.log_alpha, 'logAlpha')
  if (after.statistics) {
    const { actor, critics } = after.statistics
    compareState('statistics of the actor', statisticsList(actor), 'actorStatistics')
    compareState('statistics of the critics', critics.map(statisticsList), 'criticsStatistics')
  }
  if (Object.keys(layouts).length > 0) return found
  throw new Error('the learner has no parameters')
}

/** Mean and variance of each layer in turn. */
const statisticsList = ({ mean, variance }: { mean: number[][]; variance: number[][] }) =>
  mean.map((row, layer) => [row, variance[layer]])

/** float32 against float64: a few hundred roundings of 6e-8, relative to the largest value. */
const VALUE = 1e-5

/** Rounding of a parameter of magnitude about 1 in one update. */
const ROUNDING = 2e-7

/** In a few updates. */
const PARAMETER = 3e-6

/**
 * Adam normalises tiny gradients too, whose relative float32 error is large: part of a learning rate an update. Files
 * that name their member avoid them.
 */
function parameterTolerance(
  { options, tinyGradients }: GoldenFile,
  quantity: string,
  updates: number,
): number {
  if (!tinyGradients) return PARAMETER
  const { actor_lr, critic_lr, alpha_lr = 0, tau = 1 } = options
  const step = (learningRate: number) => 0.1 * learningRate * updates + ROUNDING
  if (quantity === 'actor') return step(actor_lr)
  if (quantity === 'log_alpha') return step(alpha_lr)
  return quantity === 'targets' ? step(critic_lr) * tau * updates + ROUNDING * updates : step(critic_lr)
}

function compare(expected: readonly number[], actual: ArrayLike<number>, tolerance: number) {
  if (expected.length !== actual.length) {
    throw new Error(`the file has ${expected.length} numbers where ${actual.length} were computed`)
  }
  // Relative to the largest value: sums of large terms may be small, and are no more exact than their terms.
  const allowed = tolerance * (1 + Math.max(...expected.map(Math.abs)))
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

async function goldenLearner(golden: GoldenFile, engine: Engine): Promise<Learner> {
  const config = {
    ...parseSacOptions(goldenOptions(golden)),
    observationSize: golden.obs_dim,
    actionSize: golden.act_dim,
    discrete: golden.member === DISCRETE,
    detailed: true,
  }
  const learner = await createLearner(config, engine, createRandom(0, 'initial weights'))
  const { actor, critics, targets, target_actor, log_alpha, statistics } = golden.init
  const write = (name: keyof UpdateState, values: unknown) => {
    if (values !== undefined) learner.program.state(name).set(flat(values))
  }
  write('actor', actor)
  write('critics', critics)
  write('targets', targets)
  write('slowActor', target_actor)
  write('logAlpha', log_alpha)
  if (statistics) {
    write('actorStatistics', statisticsList(statistics.actor))
    write('criticsStatistics', statistics.critics.map(statisticsList))
  }
  return learner
}

function writeInputs(
  { program: { inputs }, config }: Learner,
  golden: GoldenFile,
  update: GoldenUpdate,
): void {
  const { batch, noise, subset, masks } = update
  inputs.observation.set(flat(batch.observation))
  inputs.action.set(flat(batch.action))
  inputs.reward.set(batch.reward)
  inputs.nextObservation.set(flat(batch.next_observation))
  inputs.discount.set(batch.discount ?? batch.terminated.map(ended => golden.options.gamma * (1 - ended)))
  inputs.noise?.set(flat(noise!.observation))
  inputs.nextNoise?.set(flat(noise!.next_observation))
  inputs.subset?.fill(1e30)
  for (const critic of subset ?? []) inputs.subset?.fill(0, critic, critic + 1)
  inputs.nextDropout?.set(factorsOf(masks!.next))
  inputs.dropout?.set(factorsOf(masks!.current))
  if (masks?.actor) inputs.actorDropout?.set(factorsOf(masks.actor))

  /** Masks [critic][layer][row][unit] as rows of all units. */
  function factorsOf(mask: number[][][][]): number[] {
    const rows = Array.from({ length: config.batchSize }, (_, row) =>
      mask.map(layers => layers.map(layer => layer[row])),
    )
    return flat(rows).map(keep => keep / (1 - config.dropout))
  }
}

export type { GoldenFile, Layers }
