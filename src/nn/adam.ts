import { add, div, mul, scale, sqrt, square, sub } from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'

/** Decay of the second moment, and the term that keeps the division finite. */
const BETA2 = 0.999
const EPSILON = 1e-8

/** What one optimiser keeps in addition to the parameters it moves, all in the parameters' shape. */
export interface AdamState {
  parameters: Tensor
  /** Running sum of gradients: Adam's m divided by (1 - beta1). */
  momentum: Tensor
  /** Running sum of squared gradients: Adam's v divided by (1 - beta2). */
  velocity: Tensor
}

/** What determines the size of a step. */
export interface AdamStep {
  /** Decay of the first moment. */
  beta1: number
  /** [1, 1], from `adamSchedule`. */
  stepSize: Tensor
  /** [1, 1], from `adamSchedule`. */
  epsilon: Tensor
  /** What weight decay subtracts (AdamW, Loshchilov & Hutter 2019), in the parameters' shape; missing for none. */
  decay?: Tensor
}

/**
 * One step of Adam (Kingma & Ba 2015, algorithm 1) against `gradient`.
 *
 * The moments are kept as plain running sums, and every constant of the algorithm, bias correction included, is
 * folded into two numbers (each [1, 1], see `adamSchedule`): ten passes over the parameters instead of
 * fourteen.
 */
export function adam(
  { parameters, momentum, velocity }: AdamState,
  gradient: Tensor,
  { beta1, stepSize, epsilon, decay }: AdamStep,
): AdamState {
  const m = add(scale(momentum, beta1), gradient)
  const v = add(scale(velocity, BETA2), square(gradient))
  const step = div(mul(m, stepSize), add(sqrt(v), epsilon))
  const before = decay ? sub(parameters, decay) : parameters
  return { parameters: sub(before, step), momentum: m, velocity: v }
}

/**
 * The two numbers that step `t` (counted from 1) of `adam` takes. With M = m / (1 - beta1), V = v / (1 - beta2) and
 * s = sqrt((1 - beta2) / (1 - beta2^t)), Adam's step
 * `learningRate * mHat / (sqrt(vHat) + eps)` is `stepSize * M / (sqrt(V) + epsilon)`.
 */
export function adamSchedule(
  t: number,
  learningRate: number,
  beta1: number,
): { stepSize: number; epsilon: number } {
  const s = Math.sqrt((1 - BETA2) / (1 - power(BETA2, t)))
  return { stepSize: (learningRate * (1 - beta1)) / (1 - power(beta1, t)) / s, epsilon: EPSILON / s }
}

/** base^exponent by repeated squaring: unlike Math.pow the same in every JavaScript engine. */
function power(base: number, exponent: number): number {
  let result = 1
  for (let rest = exponent, square = base; rest > 0; rest = Math.floor(rest / 2), square *= square) {
    if (rest % 2 === 1) result *= square
  }
  return result
}
