/**
 * Equations that are needed in several forms are written once, over an `Arithmetic`: on numbers, on tensors, as nodes of
 * an ONNX model or as the text of a module.
 */
import { exp, tanh } from './portable-math.ts'

/** The operations that a policy is made of, on any representation of a value. */
export interface Arithmetic<T> {
  add(a: T, b: T): T
  mul(a: T, b: T): T
  exp(x: T): T
  tanh(x: T): T
  /** x where it is positive, else 0. */
  relu(x: T): T
  /** x kept within [low, high]. */
  clamp(x: T, low: number, high: number): T
}

/** Non-linearities of hidden layers, each the name of an operation. */
export const ACTIVATIONS = ['relu', 'tanh'] as const satisfies readonly (keyof Arithmetic<unknown>)[]
/** A non-linearity of hidden layers. */
export type Activation = (typeof ACTIVATIONS)[number]

/** Arithmetic on numbers, with the same results in every JavaScript engine. */
export const numbers: Arithmetic<number> = {
  add: (a, b) => a + b,
  mul: (a, b) => a * b,
  exp,
  tanh,
  relu: x => (x < 0 ? 0 : x),
  clamp: (x, low, high) => Math.min(Math.max(x, low), high),
}
