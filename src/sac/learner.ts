import type { Program } from '../graph/program.ts'
import { mapRecord } from '../map-record.ts'
import { adamSchedule } from '../nn/adam.ts'
import { initializeMlp } from '../nn/mlp.ts'
import { exp, log } from '../portable-math.ts'
import type { Random } from '../random.ts'
import { actionStatistics } from './action-statistics.ts'
import { compile, type Engine } from './engine.ts'
import { requireFinite, type UpdateMetrics } from './metrics.ts'
import { actorLayout, criticsLayout } from './networks.ts'
import type { SacOptions } from './options.ts'
import { firstUnsound } from './parameters.ts'
import { ACT, kindOfUpdate, SCHEDULE, stepName, type UpdateConfig, updateProgram } from './update.ts'

/** The learning half of an agent: networks, optimisers and the compiled gradient step. No randomness of its own. */
export interface Learner {
  readonly config: UpdateConfig
  readonly program: Program
  /** Updates made so far, and how many of them moved the actor: Adam counts its steps apart. */
  readonly counters: { updates: number; actorUpdates: number }
  /**
   * One gradient step on what stands in `program.inputs`: a batch, and standard normal `noise` and `nextNoise`.
   * @throws DivergenceError if something is not finite; parameters and counters are then as before.
   */
  update(): Promise<UpdateMetrics>
  /** Parameters and moments of the optimisers by name, flat: the program's own memory, valid until the next update. */
  state(): Record<string, Float32Array>
  /** @throws RangeError unless `restore` would take the state over */
  requireState(state: Record<string, Float32Array>): void
  /**
   * Takes over (copies) what `state` returned, with the counters of that moment.
   * @throws RangeError if it is of networks of other sizes or has a number that is not finite; nothing is changed then
   */
  restore(state: Record<string, Float32Array>, counters: Learner['counters']): void
  /** The actor's output for one observation: mu, then log sigma unclamped; reused by the next call. */
  forward(observation: ArrayLike<number>): ArrayLike<number>
}

/** Learning rates of the three optimisers, in the order of `SCHEDULE`. */
type LearningRates = Pick<SacOptions, 'actorLearningRate' | 'criticLearningRate' | 'temperatureLearningRate'>

/** A start for the temperature, from the `temperature` option. */
export function parseTemperature(temperature: number | string): { initial: number; tuned: boolean } {
  if (typeof temperature === 'number') return { initial: temperature, tuned: false }
  const [, initial = '1'] = temperature.split('_')
  return { initial: Number(initial), tuned: true }
}

/** Compiles the update and gives its parameters their first values, targets as copies of the critics. */
export async function createLearner(
  config: UpdateConfig,
  options: LearningRates & Pick<SacOptions, 'temperature'>,
  engine: Engine,
  random: Random,
): Promise<Learner> {
  const definition = updateProgram(config, true)
  const program = await compile(definition, engine)
  initializeMlp(program.state('actor'), actorLayout(config), random)
  initializeMlp(program.state('critics'), criticsLayout(config), random)
  program.state('targets').set(program.state('critics'))
  program.state('logAlpha')[0] = log(parseTemperature(options.temperature).initial)

  const counters = { updates: 0, actorUpdates: 0 }
  const learningRates = [
    options.criticLearningRate,
    options.actorLearningRate,
    options.temperatureLearningRate,
  ]

  async function update(): Promise<UpdateMetrics> {
    const kind = kindOfUpdate(config, counters.updates + 1)
    const steps = [counters.updates + 1, counters.actorUpdates + 1, counters.actorUpdates + 1]
    for (let i = 0; i < SCHEDULE.length; i++) {
      const { stepSize, epsilon } = adamSchedule(steps[i], learningRates[i])
      program.inputs.schedule[2 * i] = stepSize
      program.inputs.schedule[2 * i + 1] = epsilon
    }
    await program.run(stepName(kind))
    const metrics = readMetrics(program, config, kind.actor)
    requireFinite(metrics, counters.updates + 1)
    program.commit()
    counters.updates++
    if (kind.actor) counters.actorUpdates++
    return metrics
  }
  const state = () => mapRecord(definition.state, (_, name) => program.state(name))
  return { config, program, counters, update, state, requireState, restore, forward }

  function requireState(given: Record<string, Float32Array>) {
    for (const [name, { length }] of Object.entries(state())) {
      const values = given?.[name]
      if (values?.length !== length) {
        throw new RangeError(
          `The state to go on from has ${values?.length ?? 'no'} numbers for ${name}, but this agent's networks ` +
            `have ${length}: make the agent with the options it was made with.`,
        )
      }
      const fault = firstUnsound(name, values)
      if (fault !== -1) {
        throw new RangeError(
          `The state to go on from is damaged: number ${fault} of ${name} is ${values[fault]}.`,
        )
      }
    }
  }

  function restore(given: Record<string, Float32Array>, { updates, actorUpdates }: Learner['counters']) {
    requireState(given)
    for (const [name, values] of Object.entries(state())) values.set(given[name])
    counters.updates = updates
    counters.actorUpdates = actorUpdates
  }

  /** One row through the same compiled program. */
  function forward(observation: ArrayLike<number>): ArrayLike<number> {
    program.inputs.actingObservation.set(observation)
    program.run(ACT)
    return program.outputs.actorOutput
  }
}

function readMetrics({ outputs, state }: Program, config: UpdateConfig, actorMoved: boolean): UpdateMetrics {
  const logAlpha = state('logAlpha')[0]
  const metrics: UpdateMetrics = {
    criticLoss: outputs.criticLoss[0],
    q1: mean(outputs.q1),
    q2: mean(outputs.q2),
    target: mean(outputs.target),
    criticsGradientNorm: outputs.criticsGradientNorm[0],
    temperature: exp(logAlpha),
  }
  if (actorMoved) {
    metrics.actorLoss = outputs.actorLoss[0]
    metrics.logProb = mean(outputs.logProb)
    metrics.entropy = -metrics.logProb
    metrics.actorGradientNorm = outputs.actorGradientNorm[0]
    if (config.tuneTemperature) metrics.temperatureLoss = -logAlpha * (metrics.logProb + config.targetEntropy)
    Object.assign(metrics, actionStatistics(outputs.sampledAction, config.actionSize))
  }
  return metrics
}

function mean(values: Float32Array): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i]
  return total / values.length
}
