import { toUnitAction } from '../env/action-scaling.ts'
import type { Vector } from '../env/env.ts'
import { requireVector } from '../env/require.ts'
import type { Box } from '../env/spaces.ts'
import { input, scale, sum } from '../graph/operations.ts'
import type { ProgramDefinition } from '../graph/program.ts'
import type { Tensor } from '../graph/tensor.ts'
import { compileWasm } from '../graph/wasm/program.ts'
import { unflatten } from '../nn/parameters.ts'
import { HEADS } from '../policy/head.ts'
import { normalize } from '../policy/normalizer.ts'
import type { SAC } from './agent.ts'
import { networksOf } from './networks.ts'
import { squashedGaussian } from './squashed-gaussian.ts'
import { algorithmOf } from './update.ts'

/** What an agent's networks say about states and actions of one's own choice, many at once. Nothing in the agent changes. */
export interface Probe {
  /** States in one question. */
  readonly rows: number
  /**
   * Q(s, a) of each critic, [critics][rows]; of a critic that gives quantiles their mean. Where actions are discrete,
   * Q(s, .) of every one, [critics][rows x actions].
   * @param observations [rows, observations] and
   * @param actions [rows, actions], both in the environment's units; left out where actions are discrete
   * @throws RangeError for other lengths, and for what is not finite
   */
  values(observations: Vector, actions?: Vector): Float32Array[]
  /**
   * The actor's output [rows, columns]: mu of each action, then log sigma unclamped if the policy has a spread. Actions
   * are tanh of it, in [-1, 1]. Where actions are discrete, the logit of each.
   */
  policy(observations: Vector): Float32Array
  /**
   * Samples of one action of a squashed Gaussian, in [-1, 1], and the logarithm of their density there.
   * @param noise standard normal, [rows]
   */
  density(mu: number, logSigma: number, noise: Vector): { action: Float32Array; logProb: Float32Array }
  /** Frees its engine's memory. */
  dispose(): Promise<void>
}

/**
 * Compiles an agent's networks for questions of `rows` states. They are as the agent is when it is asked.
 * @example
 * const probe = await createProbe(agent, 2)
 * const outputs = probe.policy([...first, ...second])
 * await probe.dispose()
 */
export async function createProbe(agent: SAC, rows: number): Promise<Probe> {
  const { config, program: learned } = agent.learner
  const { statistics, actionSpace } = agent
  const definition = probeProgram(agent, rows)
  const names = WEIGHTS.filter(name => definition.state[name])
  const program = await compileWasm(definition, { threads: 1 })
  const { inputs, outputs } = program
  const [n, m] = [config.observationSize, config.actionSize]

  function writeObservations(observations: Vector): void {
    requireVector('observations', observations, rows * n)
    for (const name of names) program.state(name).set(learned.state(name))
    inputs.observation.set(observations)
    const centred = new Float32Array(n)
    for (let row = 0; statistics && row < rows; row++) {
      const one = Array.prototype.slice.call(observations, row * n, (row + 1) * n)
      inputs.observation.set(normalize(statistics.normalizer, statistics.centre(one, centred)), row * n)
    }
  }

  function writeActions(space: Box, actions: Vector = []): void {
    requireVector('actions', actions, rows * m)
    const unit = new Float32Array(m)
    for (let row = 0; row < rows; row++) {
      for (let j = 0; j < m; j++) unit[j] = actions[row * m + j]
      inputs.action.set(toUnitAction(space, unit, unit), row * m)
    }
  }

  return {
    rows,

    values(observations, actions) {
      writeObservations(observations)
      if (actionSpace.kind === 'box') writeActions(actionSpace, actions)
      program.run('values')
      return Array.from({ length: config.critics }, (_, i) => outputs[`q${i + 1}`].slice())
    },

    policy(observations) {
      writeObservations(observations)
      program.run('policy')
      return outputs.output.slice()
    },

    density(mu, logSigma, noise) {
      requireVector('noise', noise, rows)
      inputs.noise.set(noise)
      for (let row = 0; row < rows; row++) inputs.gaussian.set([mu, logSigma], 2 * row)
      program.run('density')
      return { action: outputs.action.slice(), logProb: outputs.logProb.slice() }
    },

    dispose: () => program.dispose(),
  }
}

/** Vectors of the learner's state that the networks are made of. */
const WEIGHTS = ['actor', 'critics', 'actorStatistics', 'criticsStatistics'] as const

type Named = Record<string, Tensor>

function probeProgram(
  { learner: { config, layouts, program } }: SAC,
  rows: number,
): ProgramDefinition<Named, Named, Named> {
  const algorithm = algorithmOf(config)
  const networks = networksOf(config, algorithm)
  const state: Named = {}
  for (const name of WEIGHTS) {
    if (layouts[name]) state[name] = input(name, [1, program.state(name).length])
  }
  const inputs: Named = {
    observation: input('observation', [rows, config.observationSize]),
    action: input('action', [rows, config.actionSize]),
    gaussian: input('gaussian', [rows, HEADS.gaussian.columns]),
    noise: input('noise', [rows, 1]),
  }
  const weights = (network: 'actor' | 'critics') => ({
    parameters: unflatten(state[network], layouts[network]!),
    statistics: state[`${network}Statistics`]
      ? unflatten(state[`${network}Statistics`], layouts[`${network}Statistics`]!)
      : [],
  })
  const q = networks.critics(weights('critics'), inputs.observation, inputs.action).output
  // A critic of discrete actions has a column for each of them, not for quantiles.
  const mean = (atoms: Tensor) =>
    config.discrete ? atoms : scale(sum(atoms, 1), 1 / algorithm.critics.atoms)
  const { output } = networks.actor(weights('actor'), inputs.observation)
  const asked = (outputs: Named) => ({ updates: {}, outputs, synchronous: true })
  return {
    inputs,
    state,
    steps: {
      values: asked(Object.fromEntries(q.map((qi, i) => [`q${i + 1}`, mean(qi)]))),
      policy: asked({ output }),
      density: asked({ ...squashedGaussian(inputs.gaussian, inputs.noise) }),
    },
  }
}
