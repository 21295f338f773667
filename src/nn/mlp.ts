import { matmul, relu, tanh } from '../graph/operations.ts'
import type { Shape, Tensor } from '../graph/tensor.ts'
import type { Random } from '../random.ts'
import type { ParameterLayout } from './parameters.ts'

export type Activation = 'relu' | 'tanh'

const activations = { relu, tanh }

/**
 * Names and shapes of a multilayer perceptron's parameters: for each layer a kernel [in, out] and a bias [1, out].
 * @param sizes widths of input, hidden layers and output
 */
export function mlpParameters(prefix: string, sizes: readonly number[]): (readonly [string, Shape])[] {
  return sizes
    .slice(1)
    .flatMap((outputs, layer) => [
      [`${prefix}.kernel${layer}`, [sizes[layer], outputs]] as const,
      [`${prefix}.bias${layer}`, [1, outputs]] as const,
    ])
}

/** A multilayer perceptron: affine layers, the activation after each but the last. x is [rows, inputs]. */
export function mlp(parameters: readonly Tensor[], x: Tensor, activation: Activation): Tensor {
  let h = x
  for (let i = 0; i < parameters.length; i += 2) {
    h = matmul(h, parameters[i], { bias: parameters[i + 1] })
    if (i + 2 < parameters.length) h = activations[activation](h)
  }
  return h
}

/**
 * Fills the parameters of multilayer perceptrons with U(-1/sqrt(fan_in), 1/sqrt(fan_in)), kernels and biases alike,
 * as PyTorch's linear layers do.
 */
export function initializeMlp(flat: Float32Array, { slots }: ParameterLayout, random: Random): void {
  let bound = 0
  for (const { shape, offset, size } of slots) {
    const isKernel = shape[0] > 1 || bound === 0
    if (isKernel) bound = 1 / Math.sqrt(shape[0])
    random.fillUniform(flat.subarray(offset, offset + size), -bound, bound)
  }
}
