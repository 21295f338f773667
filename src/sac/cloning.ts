/** Behaviour cloning: the actor learns to do what demonstrations show, before it improves on that. */
import { gradient } from '../graph/gradient.ts'
import { input, mean, slice, square, sub, sum } from '../graph/operations.ts'
import type { ProgramDefinition, StepDefinition } from '../graph/program.ts'
import type { Tensor } from '../graph/tensor.ts'
import { adam, adamSchedule } from '../nn/adam.ts'
import { flatShape, flatten, unflatten } from '../nn/parameters.ts'
import type { Random } from '../random.ts'
import type { ReplayBuffer } from '../replay/replay-buffer.ts'
import type { Batch } from '../replay/transition.ts'
import { compile, type Engine } from './engine.ts'
import type { Learner } from './learner.ts'
import { networksOf } from './networks.ts'
import { algorithmOf, type UpdateConfig } from './update.ts'

const CLONE = 'clone'

interface CloningInputs {
  /** [B, observations]. */
  observation: Tensor
  /** [B, actions], or [B, 1] of discrete ones. */
  action: Tensor
  /** [1, 2]: what `adamSchedule` gives. */
  schedule: Tensor
  /** [1, 2]: bounds of batch renorm's corrections. */
  renorm?: Tensor
}

interface CloningState {
  actor: Tensor
  momentum: Tensor
  velocity: Tensor
  actorStatistics?: Tensor
}

interface CloningOutputs {
  loss: Tensor
}

/**
 * J(pi) = mean |centre of pi(s) - a|^2 over demonstrated (s, a). It leaves the policy's spread as it is. Of discrete
 * actions it compares probabilities, with 1 for the one that was taken (Brier 1950).
 */
function cloningProgram(
  config: UpdateConfig,
): ProgramDefinition<CloningInputs, CloningOutputs, CloningState> {
  const algorithm = algorithmOf(config)
  const { layouts, statistics, actor } = networksOf(config, algorithm)
  const { batchSize: B, observationSize, actionSize, batchRenorm } = config
  const P = flatShape(layouts.actor)
  const inputs: CloningInputs = {
    observation: input('observation', [B, observationSize]),
    action: input('action', [B, config.discrete ? 1 : actionSize]),
    schedule: input('schedule', [1, 2]),
    ...(batchRenorm && { renorm: input('renorm', [1, 2]) }),
  }
  const state: CloningState = {
    actor: input('actor', P),
    momentum: input('momentum', P),
    velocity: input('velocity', P),
    ...(batchRenorm && { actorStatistics: input('actorStatistics', flatShape(statistics.actor)) }),
  }
  const parameters = unflatten(state.actor, layouts.actor)
  const running = state.actorStatistics ? unflatten(state.actorStatistics, statistics.actor) : []
  const pass = actor({ parameters, statistics: running }, inputs.observation, { renormBounds: inputs.renorm })
  const error = sub(algorithm.actor.centre(pass.output), algorithm.actor.taken(inputs.action))
  const loss = mean(sum(square(error), 1))
  const moments = { parameters: state.actor, momentum: state.momentum, velocity: state.velocity }
  const after = adam(moments, flatten(gradient(loss, parameters)), {
    beta1: config.beta1,
    stepSize: slice(inputs.schedule, 1, 0, 1),
    epsilon: slice(inputs.schedule, 1, 1, 2),
  })
  const step: StepDefinition<CloningOutputs, CloningState> = {
    updates: {
      actor: after.parameters,
      momentum: after.momentum,
      velocity: after.velocity,
      ...(batchRenorm && { actorStatistics: flatten(pass.statistics) }),
    },
    outputs: { loss },
  }
  return { inputs, state, steps: { [CLONE]: step } }
}

/** What `cloneActor` takes. */
export interface Cloning {
  learner: Learner
  engine: Engine
  /** What is imitated. */
  demonstrations: ReplayBuffer
  random: Random
  updates: number
  /** Brings a batch into the form that networks read. */
  normalize(batch: Batch): void
  /** Called between two updates; may throw to stop, and then nothing is learned. */
  pause(): Promise<void>
}

/**
 * Trains an actor on demonstrations by itself, with moments of Adam of its own, which are given up at the end; a slow copy
 * of the actor becomes a copy of it.
 * @returns the loss of the last update's batch
 * @throws RangeError if the loss is not finite; the actor is then as it was
 */
export async function cloneActor(cloning: Cloning): Promise<number> {
  const { learner, demonstrations, random, updates, engine } = cloning
  const { config } = learner
  const program = await compile(cloningProgram(config), { ...engine, background: false })
  try {
    const names = config.batchRenorm ? (['actor', 'actorStatistics'] as const) : (['actor'] as const)
    for (const name of names) program.state(name).set(learner.program.state(name))
    const { inputs, outputs } = program
    inputs.renorm?.set([1, 0])
    const others = {
      reward: new Float32Array(config.batchSize),
      nextObservation: new Float32Array(inputs.observation.length),
      discount: new Float32Array(config.batchSize),
    }
    const batch = { observation: inputs.observation, action: inputs.action, ...others }
    for (let t = 1; t <= updates; t++) {
      await cloning.pause()
      demonstrations.sample(random, batch, config.batchSize)
      cloning.normalize(batch)
      const { stepSize, epsilon } = adamSchedule(t, config.actorLearningRate, config.beta1)
      inputs.schedule.set([stepSize, epsilon])
      await program.run(CLONE)
      program.commit()
    }
    const [loss] = outputs.loss
    if (!(Number.isFinite(loss) && program.state('actor').every(Number.isFinite))) {
      throw new RangeError(
        `Behaviour cloning diverged: its loss is ${loss}. Large observations are the usual cause; normalizeObservations helps.`,
      )
    }
    for (const name of names) learner.program.state(name).set(program.state(name))
    if (learner.layouts.slowActor) learner.program.state('slowActor').set(program.state('actor'))
    return loss
  } finally {
    await program.dispose()
  }
}
