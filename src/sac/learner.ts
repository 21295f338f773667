import type { Program } from '../graph/program.ts'
import { adamSchedule } from '../nn/adam.ts'
import { initialize, layoutOf, type ParameterLayout } from '../nn/parameters.ts'
import { firstUnsound } from '../policy/parameter.ts'
import { exp, log } from '../portable-math.ts'
import type { Random } from '../random.ts'
import { actionStatistics } from './action-statistics.ts'
import { compile, type Engine } from './engine.ts'
import type { LiveOptions } from './live-options.ts'
import { requireFinite, type UpdateMetrics } from './metrics.ts'
import { networksOf } from './networks.ts'
import { explorationNoiseAt, learningRateShare, priorityBetaAt, scheduled } from './schedule.ts'
import { isTuned, startOfTemperature, targetEntropyAt } from './temperature.ts'
import { OPTIMISERS, type Optimiser, SCHEDULE, type UpdateInputs, type UpdateState } from './tensors.ts'
import {
  ACT,
  algorithmOf,
  kindOfUpdate,
  stepName,
  type UpdateConfig,
  type UpdateOutputs,
  updateProgram,
} from './update.ts'

/** The learning half of an agent: networks, optimisers and the compiled gradient step. No randomness of its own. */
export interface Learner {
  readonly config: UpdateConfig
  readonly program: Program<UpdateInputs, UpdateOutputs, UpdateState>
  /** How those vectors of the state are made up that hold what is learned. */
  readonly layouts: Partial<Record<keyof UpdateState, ParameterLayout>>
  /** Updates made so far, and how many of them moved the actor: the actor's Adam counts only these. */
  readonly counters: { updates: number; actorUpdates: number }
  /**
   * One gradient step on the contents of `program.inputs`: a batch, and what `drawChance` writes.
   * @param progress how far schedules are, from 0 to 1
   * @throws DivergenceError if something is not finite; parameters and counters are then as before.
   */
  update(progress?: number): Promise<UpdateMetrics>
  /** Parameters and moments of the optimisers by name, flat: the program's own memory, valid until the next update. */
  state(): Record<string, Float32Array>
  /** @throws RangeError unless `restore` would take the state over */
  requireState(state: Record<string, Float32Array>): void
  /**
   * Takes over (copies) what `state` returned, with the counters of that moment.
   * @throws RangeError if it is of networks of other sizes or has a number that is not finite; nothing is changed then
   */
  restore(state: Record<string, Float32Array>, counters: Learner['counters']): void
  /** What was changed of the options since the agent was made, and is in force. */
  readonly changes: LiveOptions
  /** Puts all changes in force that there are; the state, with the temperature, stays as it is. */
  takeChanges(changes: LiveOptions): void
  /** Holds the temperature at a value from now on; 'auto' lets it tune itself again. */
  holdTemperature(value: number | 'auto'): void
  /** The actor's output for one observation, unclamped; reused by the next call. */
  forward(observation: ArrayLike<number>): ArrayLike<number>
}

/** Compiles the update and gives its parameters their first values, target networks as copies. */
export async function createLearner(config: UpdateConfig, engine: Engine, random: Random): Promise<Learner> {
  const definition = updateProgram(config)
  const program = await compile(definition, engine)
  const { inputs } = program
  const names = Object.keys(definition.state) as (keyof UpdateState)[]
  const layouts = layoutsOf(config, names)
  const optimisers = optimisersOf(config)
  begin()

  const counters = { updates: 0, actorUpdates: 0 }
  let changes: LiveOptions = {}
  /** The options in force. */
  let live = config

  function takeChanges(all: LiveOptions): void {
    changes = all
    live = { ...config, ...all }
  }

  function holdTemperature(value: number | 'auto'): void {
    const logAlpha = program.state('logAlpha')
    // From a temperature of 0 no factor leads away.
    logAlpha[0] = value === 'auto' ? Math.max(logAlpha[0], LOWEST_LOG_ALPHA) : log(value)
  }

  async function update(progress = 0): Promise<UpdateMetrics> {
    const kind = kindOfUpdate(config, counters.updates + 1)
    writeSchedule(progress)
    await program.run(stepName(kind))
    const metrics = {
      ...readMetrics(program, live, kind.actor),
      learningRate: live.criticLearningRate * learningRateShare(config, progress),
      ...(config.explorationNoise !== undefined && {
        explorationNoise: explorationNoiseAt(progress, config),
      }),
      ...(config.prioritizedReplay !== 'none' && { priorityBeta: priorityBetaAt(progress, config) }),
    }
    requireFinite(metrics, counters.updates + 1, inputs)
    program.commit()
    counters.updates++
    if (kind.actor) counters.actorUpdates++
    return metrics
  }

  const state = () => Object.fromEntries(names.map(name => [name, program.state(name)]))
  return {
    config,
    program,
    layouts,
    counters,
    update,
    state,
    requireState,
    restore,
    get changes() {
      return changes
    },
    takeChanges,
    holdTemperature,
    forward,
  }

  /** First values of parameters, statistics and the inputs that never change. */
  function begin(): void {
    for (const name of ['actor', 'critics', 'actorStatistics', 'criticsStatistics'] as const) {
      const layout = layouts[name]
      if (layout) initialize(program.state(name), layout, random)
    }
    if (layouts.targets) program.state('targets').set(program.state('critics'))
    if (layouts.slowActor) program.state('slowActor').set(program.state('actor'))
    if (layouts.logAlpha) {
      program.state('logAlpha')[0] = log(startOfTemperature(config.temperature!).initial)
    }
    for (const network of ['actor', 'critics'] as const) {
      const decaying = inputs[`${network}Decaying`]
      for (const { kernel, offset, size } of decaying ? layouts[network]!.slots : []) {
        decaying!.fill(kernel ? 1 : 0, offset, offset + size)
      }
    }
  }

  /** What changes from update to update by schedule: Adam's numbers, learning rates, the target entropy. */
  function writeSchedule(progress: number): void {
    const { schedule } = inputs
    for (const { name, learningRate, beta1, weightDecay, columns } of optimisers) {
      const isHeld = name === 'logAlpha' && !isTuned(live)
      const rate = isHeld ? 0 : live[learningRate]! * learningRateShare(config, progress)
      const t = (name === 'critics' ? counters.updates : counters.actorUpdates) + 1
      const { stepSize, epsilon } = adamSchedule(t, rate, beta1)
      schedule[columns.stepSize] = stepSize
      schedule[columns.epsilon] = epsilon
      if (weightDecay !== undefined) schedule[columns.decay] = rate * weightDecay
    }
    writeEntropy(progress)
    if (config.batchRenorm) writeRenormBounds()
  }

  /** Where the entropy schedule is: a target entropy, or a fixed temperature. */
  function writeEntropy(progress: number): void {
    const { temperature, entropySchedule = 'constant', entropyScheduleEnd = 0 } = config
    if (temperature === undefined) return
    const { initial, tuned } = startOfTemperature(temperature)
    // Also while the temperature is held, because its optimiser gathers moments all the same.
    if (tuned) inputs.schedule[TARGET_ENTROPY] = targetEntropyAt(progress, live)
    else if (entropySchedule !== 'constant') {
      program.state('logAlpha')[0] = log(scheduled(entropySchedule, initial, entropyScheduleEnd, progress))
    }
  }

  /** Each network warms up with plain batch normalisation, for passes of its own. */
  function writeRenormBounds(): void {
    const { batchRenormWarmup, batchRenormMaxScale, batchRenormMaxShift } = config
    const bounds = (passes: number) =>
      passes >= batchRenormWarmup ? [batchRenormMaxScale, batchRenormMaxShift] : [1, 0]
    inputs.criticsRenorm?.set(bounds(counters.updates))
    inputs.actorRenorm?.set(bounds(counters.actorUpdates))
  }

  function requireState(given: Record<string, Float32Array>) {
    for (const [name, { length }] of Object.entries(state())) {
      const values = given?.[name]
      if (values?.length !== length) {
        throw new RangeError(
          `The state to resume from has ${values?.length ?? 'no'} numbers for ${name}, but this agent's networks ` +
            `have ${length}: make the agent with the options it was made with.`,
        )
      }
      const fault = firstUnsound(name, values)
      if (fault !== -1) {
        throw new RangeError(
          `The state to resume from is damaged: number ${fault} of ${name} is ${values[fault]}.`,
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
    inputs.actingObservation.set(observation)
    program.run(ACT)
    return program.outputs.actorOutput
  }
}

const LOWEST_LOG_ALPHA = -20

const TARGET_ENTROPY = SCHEDULE.indexOf('targetEntropy')

/** The optimisers that there are with these options, with their settings and their columns of the schedule. */
function optimisersOf(config: UpdateConfig) {
  return (Object.keys(OPTIMISERS) as Optimiser[]).flatMap(name => {
    const settings = OPTIMISERS[name]
    const { learningRate } = settings
    const beta1 = config[settings.beta1]
    if (config[learningRate] === undefined || beta1 === undefined) return []
    const columns = {
      stepSize: SCHEDULE.indexOf(`${name}StepSize`),
      epsilon: SCHEDULE.indexOf(`${name}Epsilon`),
      decay: (SCHEDULE as readonly string[]).indexOf(`${name}Decay`),
    }
    const weightDecay = settings.weightDecay && config[settings.weightDecay]
    return [{ name, learningRate, beta1, weightDecay, columns }]
  })
}

/** How those vectors are made up that hold what is learned, of all that the state may have. */
function layoutsOf(config: UpdateConfig, names: readonly (keyof UpdateState)[]): Learner['layouts'] {
  const { layouts, statistics } = networksOf(config, algorithmOf(config))
  const all: Learner['layouts'] = {
    actor: layouts.actor,
    critics: layouts.critics,
    targets: layouts.critics,
    slowActor: layouts.actor,
    actorStatistics: statistics.actor,
    criticsStatistics: statistics.critics,
    logAlpha: layoutOf([{ name: 'logAlpha', shape: [1], start: { value: 0 } }]),
  }
  return Object.fromEntries(names.flatMap(name => (all[name] ? [[name, all[name]]] : [])))
}

function readMetrics(
  { inputs, outputs, state }: Learner['program'],
  config: UpdateConfig,
  actorMoved: boolean,
): Omit<UpdateMetrics, 'learningRate'> {
  const metrics: Omit<UpdateMetrics, 'learningRate'> = {
    criticLoss: outputs.criticLoss[0],
    q1: mean(judged(outputs.q1)),
    ...(outputs.q2 && { q2: mean(judged(outputs.q2)) }),
    target: mean(outputs.target),
    criticsGradientNorm: outputs.criticsGradientNorm[0],
  }
  const logAlpha = config.temperature === undefined ? undefined : state('logAlpha')[0]
  if (logAlpha !== undefined) metrics.temperature = exp(logAlpha)
  if (!actorMoved) return metrics
  metrics.actorLoss = outputs.actorLoss[0]
  if (outputs.logProb) {
    metrics.logProb = mean(outputs.logProb)
    metrics.entropy = -metrics.logProb
    if (isTuned(config)) {
      const targetEntropy = inputs.schedule[SCHEDULE.indexOf('targetEntropy')]
      metrics.temperatureLoss = -logAlpha! * (metrics.logProb + targetEntropy)
    }
  }
  metrics.actorGradientNorm = outputs.actorGradientNorm[0]
  if (config.discrete) return metrics
  return Object.assign(metrics, actionStatistics(outputs.sampledAction, config.actionSize))

  /** What a critic gave for the actions of the batch. */
  function judged(q: Float32Array): Float32Array {
    return config.discrete ? inputs.action.map((action, row) => q[row * config.actionSize + action]) : q
  }
}

function mean(values: Float32Array): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i]
  return total / values.length
}
