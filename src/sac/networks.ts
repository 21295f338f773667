import { concat, slice } from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'
import { type Mlp, type MlpPass, mlp, mlpParameters, mlpStatistics } from '../nn/mlp.ts'
import { layoutOf, type Parameter, type ParameterLayout } from '../nn/parameters.ts'
import { HEADS } from '../policy/head.ts'
import { LOG_STD } from '../policy/state-dependent.ts'
import type { Algorithm } from './algorithm.ts'
import type { SacOptions } from './options.ts'
import { stateDependentGaussian } from './state-dependent-gaussian.ts'

/** What determines every network. */
export interface NetworkConfig
  extends Pick<
    SacOptions,
    | 'hiddenSizes'
    | 'activation'
    | 'critics'
    | 'criticHiddenSizes'
    | 'criticActivation'
    | 'layerNorm'
    | 'layerNormEpsilon'
    | 'batchRenorm'
    | 'batchRenormForm'
    | 'batchRenormEpsilon'
    | 'batchRenormMomentum'
    | 'stateDependentNoiseStart'
  > {
  observationSize: number
  /** Numbers in an action, or how many actions there are to choose from. */
  actionSize: number
}

/** Weights of the actor, or of all critics, as tensors; running statistics where there is batch renorm. */
export interface Weights {
  parameters: readonly Tensor[]
  statistics: readonly Tensor[]
}

/** What networks give for a batch. */
interface Pass<T> {
  output: T
  /** Running statistics after a pass in training mode. */
  statistics: Tensor[]
}

/** The networks of an agent: how their weights are laid out, and what they compute. */
export interface Networks {
  layouts: { actor: ParameterLayout; critics: ParameterLayout }
  /** Layout of running statistics; of size 0 without batch renorm. */
  statistics: { actor: ParameterLayout; critics: ParameterLayout }
  /** Hidden units of all critics together. */
  criticUnits: number
  /** The actor's output for s, and what its last hidden layer gives. */
  actor(weights: Weights, s: Tensor, pass?: MlpPass): Pass<Tensor> & { features: Tensor }
  /** What each critic gives for (s, a), [B, atoms]; where actions are discrete, for s and every action, [B, actions]. */
  critics(weights: Weights, s: Tensor, a: Tensor, pass?: MlpPass): Pass<Tensor[]>
}

/** The sizes of an agent's critics, without input and output. */
export const criticHiddenSizes = (config: Pick<SacOptions, 'hiddenSizes' | 'criticHiddenSizes'>): number[] =>
  config.criticHiddenSizes === 'same' ? config.hiddenSizes : config.criticHiddenSizes

/** Networks for these sizes and options. All critics lie in one vector, one after the other. */
export function networksOf(config: NetworkConfig, { actor, critics }: Algorithm): Networks {
  const { observationSize, actionSize, activation, criticActivation } = config
  const batchRenorm = config.batchRenorm
    ? {
        form: config.batchRenormForm,
        epsilon: config.batchRenormEpsilon,
        momentum: config.batchRenormMomentum,
      }
    : undefined
  const actorNet: Mlp = {
    sizes: [observationSize, ...config.hiddenSizes, HEADS[actor.head].columns * actionSize],
    activation,
    batchRenorm,
  }
  const features = config.hiddenSizes[config.hiddenSizes.length - 1]
  const logStd: Parameter[] = HEADS[actor.head].isStateDependent
    ? [{ name: LOG_STD, shape: [features, actionSize], start: { value: config.stateDependentNoiseStart! } }]
    : []
  const hidden = criticHiddenSizes(config)
  const { isChoice } = HEADS[actor.head]
  const criticNet: Mlp = {
    sizes: isChoice
      ? [observationSize, ...hidden, critics.atoms * actionSize]
      : [observationSize + actionSize, ...hidden, critics.atoms],
    activation: criticActivation === 'same' ? activation : criticActivation,
    layerNorm: config.layerNorm ? config.layerNormEpsilon : undefined,
    batchRenorm,
  }
  const names = Array.from({ length: config.critics }, (_, i) => `critic${i + 1}`)
  const unitsEach = hidden.reduce((total, units) => total + units, 0)
  const part = <T>(list: readonly T[], i: number) => {
    const size = list.length / names.length
    return list.slice(i * size, (i + 1) * size)
  }
  return {
    layouts: {
      actor: layoutOf([...mlpParameters('actor', actorNet), ...logStd]),
      critics: layoutOf(names.flatMap(name => mlpParameters(name, criticNet))),
    },
    statistics: {
      actor: layoutOf(mlpStatistics('actor', actorNet)),
      critics: layoutOf(names.flatMap(name => mlpStatistics(name, criticNet))),
    },
    criticUnits: names.length * unitsEach,
    actor({ parameters, statistics }, s, pass) {
      const result = mlp(actorNet, parameters, statistics, s, pass)
      if (logStd.length === 0) return result
      const { output: mean, features } = result
      return {
        ...result,
        output: stateDependentGaussian(mean, features, parameters[parameters.length - 1]),
      }
    },
    critics({ parameters, statistics }, s, a, { dropout, renormBounds } = {}) {
      const x = isChoice ? s : concat([s, a], 1)
      const passes = names.map((_, i) =>
        mlp(criticNet, part(parameters, i), part(statistics, i), x, {
          dropout: dropout && slice(dropout, 1, i * unitsEach, (i + 1) * unitsEach),
          renormBounds,
        }),
      )
      return {
        output: passes.map(({ output }) => output),
        statistics: passes.flatMap(pass => pass.statistics),
      }
    },
  }
}
