import type { Arithmetic } from '../arithmetic.ts'
import { add, clamp, exp, mul, relu, tanh } from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'

/** Arithmetic on tensors. */
export const tensors: Arithmetic<Tensor> = { add, mul, exp, tanh, relu, clamp }
