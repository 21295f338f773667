import { gradient } from '../graph/gradient.ts'
import {
  add,
  concat,
  constant,
  div,
  exp,
  min,
  mul,
  scale,
  slice,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
} from '../graph/operations.ts'
import type { ProgramDefinition, StepDefinition } from '../graph/program.ts'
import type { Tensor } from '../graph/tensor.ts'
import { adam } from '../nn/adam.ts'
import { flatten, unflatten } from '../nn/parameters.ts'
import { HEADS } from '../policy/head.ts'
import type { Algorithm } from './algorithm.ts'
import {
  bootstrapTarget,
  deterministicActorLoss,
  imitationLoss,
  softActorLoss,
  softValue,
  temperatureLoss,
} from './losses.ts'
import { members } from './members/index.ts'
import { type Networks, networksOf, type Weights } from './networks.ts'
import type { SacOptions } from './options.ts'
import type { Sizes } from './sizes.ts'
import { isTuned } from './temperature.ts'
import {
  inputsOf,
  OPTIMISERS,
  type Optimiser,
  SCHEDULE,
  SLOW,
  stateOf,
  type UpdateInputs,
  type UpdateState,
} from './tensors.ts'

/** Everything about an update that is fixed when it is compiled: the options, and the sizes of the environment. */
export interface UpdateConfig extends SacOptions, Omit<Sizes, 'discrete'> {
  /** Whether an action is a choice; false by default. */
  discrete?: boolean
  /** Whether the outputs that only verification needs are computed as well; false by default. */
  detailed?: boolean
}

/** What moves in an update besides the critics. */
export interface UpdateKind {
  /** The actor and, if it tunes itself, the temperature. */
  actor: boolean
  /** The target networks. */
  targets: boolean
}

/** Name of the program's step for this kind of update. */
export const stepName = ({ actor, targets }: UpdateKind): string =>
  ['critics', actor && 'actor', targets && 'targets'].filter(Boolean).join('+')

/** The kind of update number `update` (from 1, over the whole run). */
export const kindOfUpdate = (
  { policyDelay, targetUpdateInterval }: Pick<UpdateConfig, 'policyDelay' | 'targetUpdateInterval'>,
  update: number,
): UpdateKind => ({ actor: update % policyDelay === 0, targets: update % targetUpdateInterval === 0 })

/** Kinds that occur at all with these delays; each is compiled. */
function occurringKinds({ policyDelay: d, targetUpdateInterval: t }: UpdateConfig): UpdateKind[] {
  const kinds = [{ actor: true, targets: true }]
  if (d % t !== 0) kinds.push({ actor: true, targets: false })
  if (t % d !== 0) kinds.push({ actor: false, targets: true })
  if (d > 1 && t > 1) kinds.push({ actor: false, targets: false })
  return kinds
}

/** The step that acts instead of learning. */
export const ACT = 'act'

/** What an update reports, and if it is `detailed` also nextAction, nextQ1, ..., criticLoss1, ... All but the first are of the batch; the actor's values are missing if it is skipped. */
export interface UpdateOutputs {
  /** y, [B, 1], or [B, atoms of all critics]. */
  target: Tensor
  /** log pi(a' | s'), [B, 1], if the policy has a spread. */
  nextLogProb?: Tensor
  /**
   * What the first and second critic gave, [B, atoms], or of every discrete action, [B, actions], before they moved; the
   * others are `q3` and so on.
   */
  q1: Tensor
  q2?: Tensor
  criticLoss: Tensor
  criticsGradientNorm: Tensor
  /** |Q - y| of each row, a mean over critics, [B, 1], if rows are drawn by priority. */
  errors?: Tensor
  /** The policy's actions at s, or probabilities of discrete ones, [B, actions]. */
  sampledAction: Tensor
  logProb?: Tensor
  actorLoss: Tensor
  actorGradientNorm: Tensor
  /** The actor's output for one observation, of the step `ACT`; then its features, if noise depends on the state. */
  actorOutput: Tensor
}

export type UpdateProgram = ProgramDefinition<UpdateInputs, UpdateOutputs, UpdateState>

/**
 * The equations that a config selects.
 * @throws Error if actions are discrete and the member has no form for that, which `requireSizes` finds before
 */
export function algorithmOf(config: UpdateConfig): Algorithm {
  const { algorithm, discrete } = members[config.algorithm]
  if (!config.discrete) return algorithm(config)
  if (discrete) return discrete(config, config.actionSize)
  throw new Error(`${config.algorithm} has no form for discrete actions`)
}

/**
 * The whole gradient step as a tensor program: critics, actor, temperature, their Adams and target averaging, in this
 * order. Rows of the batch are transitions; actions are normalised to [-1, 1], or numbers of discrete ones. The step `ACT` gives the actor's output
 * for the one observation in `actingObservation`.
 */
export function updateProgram(config: UpdateConfig): UpdateProgram {
  const algorithm = algorithmOf(config)
  const networks = networksOf(config, algorithm)
  const inputs = inputsOf(config, algorithm, networks)
  const state = stateOf(config, algorithm, networks)
  const updating = occurringKinds(config).map(kind => [
    stepName(kind),
    updateStep(config, algorithm, networks, kind, inputs, state),
  ])
  const weights = weightsIn(networks, 'actor', state.actor, state.actorStatistics)
  const { output, features } = networks.actor(weights, inputs.actingObservation)
  // Exploration makes its noise of the features.
  const actorOutput = HEADS[algorithm.actor.head].isStateDependent ? concat([output, features], 1) : output
  const acting: Step = { updates: {}, outputs: { actorOutput }, synchronous: true }
  return { inputs, state, steps: { ...Object.fromEntries(updating), [ACT]: acting } }
}

type Step = StepDefinition<UpdateOutputs, UpdateState>

function updateStep(
  config: UpdateConfig,
  { actor: policy, critics: judges }: Algorithm,
  networks: Networks,
  kind: UpdateKind,
  x: UpdateInputs,
  state: UpdateState,
): Step {
  const updates: Step['updates'] = {}
  const pi = weightsIn(networks, 'actor', state.actor, state.actorStatistics)
  const Q = weightsIn(networks, 'critics', state.critics, state.criticsStatistics)
  const slowPi = state.slowActor ? weightsIn(networks, 'actor', state.slowActor) : pi
  const slowQ = state.targets ? weightsIn(networks, 'critics', state.targets) : Q
  const alpha = state.logAlpha && exp(state.logAlpha) // its value before this step, everywhere
  const soft = (value: Tensor, logProb?: Tensor) =>
    alpha && logProb ? softValue(value, alpha, logProb) : value
  const descend = (optimiser: Optimiser, loss: Tensor, parameters: readonly Tensor[]): Tensor =>
    optimise(config, optimiser, flatten(gradient(loss, parameters)), x, state, updates)

  // Critics, towards y = r + discount (V(s') - alpha log pi(a' | s')).
  const next = policy.nextSample(networks.actor(slowPi, x.nextObservation).output, x.nextNoise)
  const taken = policy.taken(x.action)
  const judged = config.batchRenorm ? together() : apart()
  const y = bootstrapTarget(
    x.reward,
    x.discount,
    soft(judges.nextValue(judged.nextQ, next.action, x.subset), next.logProb),
  )
  const { loss: criticLoss, errors } = judges.judge(judged.q, taken, y, x.weight)
  const criticsGradientNorm = descend('critics', criticLoss, Q.parameters)
  const { logProb: nextLogProb } = next
  const outputs = {
    target: y,
    ...(nextLogProb && { nextLogProb }),
    ...numbered('q', judged.q),
    criticLoss,
    criticsGradientNorm,
    ...(x.weight && { errors }),
    ...(config.detailed && details()),
  }

  function details() {
    const losses = judged.q.map(qi => judges.judge([qi], taken, y).loss)
    return { nextAction: next.action, ...numbered('nextQ', judged.nextQ), ...numbered('criticLoss', losses) }
  }

  /** The critics on s, and their slow copies on s'. */
  function apart() {
    const nextQ = networks.critics(slowQ, x.nextObservation, next.action, { dropout: x.nextDropout }).output
    return { nextQ, q: networks.critics(Q, x.observation, taken, { dropout: x.dropout }).output }
  }

  /** The critics on s and s' in one pass, so that batch statistics are of both (CrossQ). */
  function together() {
    const s = concat([x.observation, x.nextObservation], 0)
    const a = concat([taken, next.action], 0)
    const dropout = x.dropout && concat([x.dropout, x.nextDropout!], 0)
    const pass = networks.critics(Q, s, a, { dropout, renormBounds: x.criticsRenorm })
    updates.criticsStatistics = flatten(pass.statistics)
    const rows = (from: number, to: number) => pass.output.map(qi => slice(qi, 0, from, to))
    const B = config.batchSize
    return { q: rows(0, B), nextQ: rows(B, 2 * B) }
  }

  // Actor, judged by the critics as they are now; then the temperature, from the same sample.
  if (kind.actor) {
    const pass = networks.actor(pi, x.observation, { renormBounds: x.actorRenorm })
    if (config.batchRenorm) updates.actorStatistics = flatten(pass.statistics)
    const { action, logProb } = policy.sample(pass.output, x.noise)
    // Constants here, although in batch statistics of s' they depend on the actor.
    const [critics, statistics] = [updates.critics!, updates.criticsStatistics]
    const moved = weightsIn(
      networks,
      'critics',
      stopGradient(critics),
      statistics && stopGradient(statistics),
    )
    const q = networks.critics(moved, x.observation, action, { dropout: x.actorDropout }).output
    const value = judges.actorValue(q, action)
    const own = alpha && logProb ? softActorLoss(value, alpha, logProb) : deterministicActorLoss(value)
    const imitation =
      x.imitated && imitationLoss(policy.centre(pass.output), taken, x.imitated, soft(value, logProb))
    const actorLoss = imitation ? add(own, scale(imitation, config.cloningWeight)) : own
    const actorGradientNorm = descend('actor', actorLoss, pi.parameters)
    Object.assign(outputs, {
      sampledAction: action,
      ...(logProb && { logProb }),
      actorLoss,
      actorGradientNorm,
    })
    if (state.logAlpha && logProb && isTuned(config)) {
      const targetEntropy = scheduleColumn(x, 'targetEntropy')
      descend('logAlpha', temperatureLoss(state.logAlpha, logProb, targetEntropy), [state.logAlpha])
    }
  }

  // Slow copies, by Polyak averaging with the networks as they are now.
  if (kind.targets) {
    for (const [name, slowName] of Object.entries(SLOW) as [keyof typeof SLOW, 'targets' | 'slowActor'][]) {
      const slow = state[slowName]
      if (slow) updates[slowName] = add(slow, scale(sub(updates[name] ?? state[name], slow), config.tau))
    }
  }
  return { updates, outputs }
}

function weightsIn(
  { layouts, statistics }: Networks,
  network: 'actor' | 'critics',
  flat: Tensor,
  running?: Tensor,
): Weights {
  return {
    parameters: unflatten(flat, layouts[network]),
    statistics: running ? unflatten(running, statistics[network]) : [],
  }
}

/** Tensors by a name and their number from 1. */
const numbered = (name: string, tensors: readonly Tensor[]): Record<string, Tensor> =>
  Object.fromEntries(tensors.map((tensor, i) => [`${name}${i + 1}`, tensor]))

const scheduleColumn = ({ schedule }: UpdateInputs, name: (typeof SCHEDULE)[number]): Tensor => {
  const at = SCHEDULE.indexOf(name)
  return slice(schedule, 1, at, at + 1)
}

/** One step of an optimiser, into `updates`. Returns the gradient's norm before it was clipped. */
function optimise(
  config: UpdateConfig,
  optimiser: Optimiser,
  gradients: Tensor,
  x: UpdateInputs,
  state: UpdateState,
  updates: Step['updates'],
): Tensor {
  const { momentum, velocity, beta1, weightDecay } = OPTIMISERS[optimiser]
  const parameters = state[optimiser]!
  const { clipped, norm } = clipNorm(gradients, config.maxGradientNorm)
  const after = adam({ parameters, momentum: state[momentum]!, velocity: state[velocity]! }, clipped, {
    beta1: config[beta1]!,
    stepSize: scheduleColumn(x, `${optimiser}StepSize`),
    epsilon: scheduleColumn(x, `${optimiser}Epsilon`),
    decay: decay(),
  })
  updates[optimiser] = after.parameters
  updates[momentum] = after.momentum
  updates[velocity] = after.velocity
  return norm

  function decay(): Tensor | undefined {
    if (optimiser === 'logAlpha' || !weightDecay || config[weightDecay] === 0) return undefined
    const share = scheduleColumn(x, `${optimiser}Decay`)
    const decaying = x[`${optimiser}Decaying`]
    return mul(parameters, decaying ? mul(decaying, share) : share)
  }
}

/** The gradient scaled down to at most `maxNorm`, and its own norm before that. */
function clipNorm(gradients: Tensor, maxNorm: number | 'none'): { clipped: Tensor; norm: Tensor } {
  const norm = sqrt(sum(square(gradients)))
  if (maxNorm === 'none') return { clipped: gradients, norm }
  // The small term keeps the division finite where the gradient is zero.
  const factor = min(constant(1), div(constant(maxNorm), add(norm, constant(1e-6))))
  return { clipped: mul(gradients, factor), norm }
}
