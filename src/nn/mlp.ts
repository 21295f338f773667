import type { Activation } from '../arithmetic.ts'
import { add, matmul, mul, slice } from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'
import { tensors } from './arithmetic.ts'
import {
  type BatchRenorm,
  renormalize,
  type Statistics,
  standardizeBy,
  standardizeRows,
} from './normalization.ts'
import type { Parameter } from './parameters.ts'

/**
 * How a multilayer perceptron is built. A hidden layer is affine, dropout, layer norm, activation, batch renorm, each
 * where it is asked for; batch renorm normalises the input as well. The output layer is affine.
 */
export interface Mlp {
  /** Widths of input, hidden layers and output. */
  sizes: readonly number[]
  activation: Activation
  /** Layer norm's epsilon, if there is layer norm. */
  layerNorm?: number
  batchRenorm?: BatchRenorm
}

/** Optional inputs of a pass through the network. */
export interface MlpPass {
  /** Factors of the hidden units before normalisation, [rows, all hidden units]: dropout. */
  dropout?: Tensor
  /** In training mode: bounds of r and d in batch renorm (see `renormalize`). Else its running statistics are used. */
  renormBounds?: Tensor
}

/** Names and shapes of the parameters, in the order of their use: each layer's kernel [in, out] and bias [1, out]. */
export function mlpParameters(prefix: string, { sizes, layerNorm, batchRenorm }: Mlp): Parameter[] {
  const scaleAndOffset = (name: string, layer: number | 'In', units: number): Parameter[] => [
    { name: `${prefix}.${name}Scale${layer}`, shape: [1, units], start: { value: 1 } },
    { name: `${prefix}.${name}Offset${layer}`, shape: [1, units], start: { value: 0 } },
  ]
  const affine = (layer: number): Parameter[] => {
    const [fanIn, outputs] = [sizes[layer], sizes[layer + 1]]
    return [
      { name: `${prefix}.kernel${layer}`, shape: [fanIn, outputs], start: { fanIn }, kernel: true },
      { name: `${prefix}.bias${layer}`, shape: [1, outputs], start: { fanIn } },
    ]
  }
  const last = sizes.length - 2
  return [
    ...(batchRenorm ? scaleAndOffset('renorm', 'In', sizes[0]) : []),
    ...sizes
      .slice(1, -1)
      .flatMap((units, layer) => [
        ...affine(layer),
        ...(layerNorm === undefined ? [] : scaleAndOffset('norm', layer, units)),
        ...(batchRenorm ? scaleAndOffset('renorm', layer, units) : []),
      ]),
    ...affine(last),
  ]
}

/** Names and shapes of batch renorm's running statistics, in the order of their use; none without it. */
export function mlpStatistics(prefix: string, { sizes, batchRenorm }: Mlp): Parameter[] {
  if (!batchRenorm) return []
  return sizes.slice(0, -1).flatMap((units, i) => {
    const layer = i === 0 ? 'In' : i - 1
    return [
      { name: `${prefix}.renormMean${layer}`, shape: [1, units], start: { value: 0 } },
      { name: `${prefix}.renormVariance${layer}`, shape: [1, units], start: { value: 1 } },
    ]
  })
}

/** What a multilayer perceptron gives. */
export interface MlpResult {
  /** [rows, outputs]. */
  output: Tensor
  /** What the output layer reads, [rows, units of the last hidden layer]. */
  features: Tensor
  /** Running statistics after a pass in training mode, as `mlpStatistics` orders them. */
  statistics: Tensor[]
}

/**
 * A multilayer perceptron.
 * @param parameters as `mlpParameters` orders them
 * @param statistics as `mlpStatistics` orders them
 * @param x [rows, inputs]
 */
export function mlp(
  { sizes, activation, layerNorm, batchRenorm }: Mlp,
  parameters: readonly Tensor[],
  statistics: readonly Tensor[],
  x: Tensor,
  { dropout, renormBounds }: MlpPass = {},
): MlpResult {
  let parameter = 0
  let statistic = 0
  let unit = 0
  const next = () => parameters[parameter++]
  const after: Tensor[] = []
  const affine = (h: Tensor) => matmul(h, next(), { bias: next() })
  const scaleAndOffset = (h: Tensor) => add(mul(h, next()), next())
  const renorm = (h: Tensor): Tensor => {
    if (!batchRenorm) return h
    const before: Statistics = { mean: statistics[statistic++], variance: statistics[statistic++] }
    if (!renormBounds) return scaleAndOffset(standardizeBy(h, before, batchRenorm.epsilon))
    const { normalized, running } = renormalize(h, before, renormBounds, batchRenorm)
    after.push(running.mean, running.variance)
    return scaleAndOffset(normalized)
  }

  let h = renorm(x)
  for (const units of sizes.slice(1, -1)) {
    h = affine(h)
    if (dropout) h = mul(h, slice(dropout, 1, unit, unit + units))
    unit += units
    if (layerNorm !== undefined) h = scaleAndOffset(standardizeRows(h, layerNorm))
    h = renorm(tensors[activation](h))
  }
  return { output: affine(h), features: h, statistics: after }
}
