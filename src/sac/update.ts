import { gradient } from '../graph/gradient.ts'
import {
  add,
  constant,
  div,
  exp,
  input,
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
import type { Shape, Tensor } from '../graph/tensor.ts'
import { type AdamState, adam } from '../nn/adam.ts'
import { mlp } from '../nn/mlp.ts'
import { flatShape, flatten, unflatten } from '../nn/parameters.ts'
import { actorLoss, criticLoss, softTarget, temperatureLoss } from './losses.ts'
import { actorLayout, criticsLayout, type NetworkSizes, twinCritics } from './networks.ts'
import { squashedGaussian } from './squashed-gaussian.ts'

/** Everything about an update that is fixed when it is compiled. */
export interface UpdateConfig extends NetworkSizes {
  batchSize: number
  gamma: number
  tau: number
  /** Whether the temperature tunes itself. */
  tuneTemperature: boolean
  targetEntropy: number
  maxGradientNorm: number | 'none'
  policyDelay: number
  targetUpdateInterval: number
}

/** What moves in an update besides the critics. */
export interface UpdateKind {
  /** The actor and, if it tunes itself, the temperature. */
  actor: boolean
  /** The target critics. */
  targets: boolean
}

/** Name of the program's step for this kind of update. */
export const stepName = ({ actor, targets }: UpdateKind): string =>
  ['critics', actor && 'actor', targets && 'targets'].filter(Boolean).join('+')

/** Which kind update number `update` (from 1, over the whole run) is. */
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

/** Positions in the `schedule` input: Adam's two numbers for each optimiser. */
export const SCHEDULE = ['critics', 'actor', 'temperature'] as const

/**
 * The whole gradient step of Soft Actor-Critic as a tensor program: critics, actor, temperature, three Adams and
 * target averaging, in this order. Rows of the batch are transitions; actions are normalised to [-1, 1].
 * @param acting adds the step `ACT`, the actor's output for the one observation in `actingObservation`
 */
export function updateProgram(config: UpdateConfig, acting = false): ProgramDefinition {
  const { batchSize: B, observationSize: n, actionSize: m } = config
  const P = flatShape(actorLayout(config))
  const Q = flatShape(criticsLayout(config))
  const scalar: Shape = [1, 1]
  const inputs = {
    observation: input('observation', [B, n]),
    action: input('action', [B, m]),
    reward: input('reward', [B, 1]),
    nextObservation: input('nextObservation', [B, n]),
    terminated: input('terminated', [B, 1]),
    noise: input('noise', [B, m]),
    nextNoise: input('nextNoise', [B, m]),
    schedule: input('schedule', [1, 2 * SCHEDULE.length]),
  }
  const shapes = {
    actor: P,
    actorMomentum: P,
    actorVelocity: P,
    critics: Q,
    criticsMomentum: Q,
    criticsVelocity: Q,
    targets: Q,
    logAlpha: scalar,
    logAlphaMomentum: scalar,
    logAlphaVelocity: scalar,
  }
  const state = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, input(name, shape)]))
  const steps = Object.fromEntries(
    occurringKinds(config).map(kind => [stepName(kind), updateStep(config, kind, inputs, state)]),
  )
  if (!acting) return { inputs, state, steps }
  const actingObservation = input('actingObservation', [1, n])
  const actorOutput = mlp(unflatten(state.actor, actorLayout(config)), actingObservation, config.activation)
  return {
    inputs: { ...inputs, actingObservation },
    state,
    steps: { ...steps, [ACT]: { updates: {}, outputs: { actorOutput }, synchronous: true } },
  }
}

type Named = Record<string, Tensor>

function updateStep(config: UpdateConfig, kind: UpdateKind, inputs: Named, state: Named): StepDefinition {
  const { activation, gamma, tau, targetEntropy } = config
  const { observation, action, reward, nextObservation, terminated, noise, nextNoise, schedule } = inputs
  const actor = unflatten(state.actor, actorLayout(config))
  const critics = unflatten(state.critics, criticsLayout(config))
  const targetCritics = unflatten(state.targets, criticsLayout(config))
  const alpha = exp(state.logAlpha) // its value before this step, everywhere

  const policy = (s: Tensor, xi: Tensor) => squashedGaussian(mlp(actor, s, activation), xi)
  const optimise = (name: string, optimiser: (typeof SCHEDULE)[number], gradients: Tensor) => {
    const first = 2 * SCHEDULE.indexOf(optimiser)
    const { clipped, norm } = clipNorm(gradients, config.maxGradientNorm)
    const before: AdamState = {
      parameters: state[name],
      momentum: state[`${name}Momentum`],
      velocity: state[`${name}Velocity`],
    }
    const after = adam(before, clipped, {
      stepSize: slice(schedule, 1, first, first + 1),
      epsilon: slice(schedule, 1, first + 1, first + 2),
    })
    updates[name] = after.parameters
    updates[`${name}Momentum`] = after.momentum
    updates[`${name}Velocity`] = after.velocity
    return norm
  }
  const updates: Named = {}

  // Critics.
  const next = policy(nextObservation, nextNoise)
  const [nextQ1, nextQ2] = twinCritics(targetCritics, nextObservation, next.action, activation)
  const nextLogProb = next.logProb
  const target = stopGradient(softTarget({ reward, terminated, gamma, nextQ1, nextQ2, alpha, nextLogProb }))
  const [q1, q2] = twinCritics(critics, observation, action, activation)
  const criticsLoss = criticLoss(q1, q2, target)
  const criticsGradientNorm = optimise('critics', 'critics', flatten(gradient(criticsLoss, critics)))
  const outputs: Named = { target, nextLogProb, q1, q2, criticLoss: criticsLoss, criticsGradientNorm }

  // Actor, judged by the critics as they are now; then the temperature, from the same sample.
  if (kind.actor) {
    const sample = policy(observation, noise)
    const moved = unflatten(updates.critics, criticsLayout(config))
    const [newQ1, newQ2] = twinCritics(moved, observation, sample.action, activation)
    const loss = actorLoss(alpha, sample.logProb, newQ1, newQ2)
    outputs.sampledAction = sample.action
    outputs.logProb = sample.logProb
    outputs.actorLoss = loss
    outputs.actorGradientNorm = optimise('actor', 'actor', flatten(gradient(loss, actor)))
    if (config.tuneTemperature) {
      const alphaLoss = temperatureLoss(state.logAlpha, sample.logProb, targetEntropy)
      optimise('logAlpha', 'temperature', flatten(gradient(alphaLoss, [state.logAlpha])))
    }
  }

  // Polyak averaging, with the critics as they are now.
  if (kind.targets) updates.targets = add(state.targets, scale(sub(updates.critics, state.targets), tau))
  return { updates, outputs }
}

/** The gradient scaled down to at most `maxNorm`, and its own norm before that. */
function clipNorm(gradients: Tensor, maxNorm: number | 'none'): { clipped: Tensor; norm: Tensor } {
  const norm = sqrt(sum(square(gradients)))
  if (maxNorm === 'none') return { clipped: gradients, norm }
  // The small term keeps the division finite where the gradient is zero.
  const factor = min(constant(1), div(constant(maxNorm), add(norm, constant(1e-6))))
  return { clipped: mul(gradients, factor), norm }
}
