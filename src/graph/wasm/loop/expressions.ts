/** What an element-wise loop computes: operands, stretched to its size, and operators on them. */
import { type FunctionBuilder, f32x4, get, type Local, op } from '../assembler/function-builder.ts'
import type { Code } from '../assembler/opcodes.ts'
import { exp, log, sigmoid, softplus, tanh } from './math.ts'

/** A place in memory: a constant, or relative to a local variable. */
export interface Address {
  readonly base?: Local
  readonly offset: number
}

/** How an operand is stretched to the size of the loop. */
export type Stretch = 'matrix' | 'row' | 'column' | 'scalar'

interface Input {
  readonly kind: Stretch
  readonly at: Address
  /** Floats from one row to the next, for matrices and columns. */
  readonly stride?: number
}

interface Constant {
  readonly kind: 'constant'
  readonly value: number
}

interface Operation {
  readonly kind: 'operation'
  readonly operator: Operator
  readonly operands: readonly Expression[]
}

/** A node of a directed graph: the same object is computed once, however often it is used. */
export type Expression = Input | Constant | Operation

/** Gaps between rows come from `stride`, which is the number of columns by default. */
export const matrix = (at: Address, stride?: number): Expression => ({ kind: 'matrix', at, stride })
export const row = (at: Address): Expression => ({ kind: 'row', at })
export const column = (at: Address, stride?: number): Expression => ({ kind: 'column', at, stride })
export const scalar = (at: Address): Expression => ({ kind: 'scalar', at })
export const constant = (value: number): Expression => ({ kind: 'constant', value })
export const apply = (operator: Operator, ...operands: Expression[]): Expression => ({
  kind: 'operation',
  operator,
  operands,
})

/** Appends what an operator needs to a function; returns the expression for its result. */
export type Emit = (f: FunctionBuilder, ...operands: Code[]) => Code

const native =
  (name: Parameters<typeof op>[0]): Emit =>
  (_, ...operands) =>
    op(name, ...operands)

/** 1 where the comparison holds, else 0. */
const mask = (comparison: Code): Code => op('v128.and', comparison, f32x4(1))

const share =
  (emit: (x: Code) => Code): Emit =>
  (f, x) =>
    emit(get(f.keep('v128', x!, 'x')))

export const operators = {
  add: native('f32x4.add'),
  sub: native('f32x4.sub'),
  mul: native('f32x4.mul'),
  div: native('f32x4.div'),
  min: native('f32x4.min'),
  max: native('f32x4.max'),
  neg: native('f32x4.neg'),
  sqrt: native('f32x4.sqrt'),
  // x < 0 ? 0 : x, one instruction on x86 where max takes several.
  relu: (_, x) => op('f32x4.pmax', x!, f32x4(0)),
  square: share(x => op('f32x4.mul', x, x)),
  exp: (f, x) => exp(f, x!),
  log: (f, x) => log(f, x!),
  tanh: (f, x) => tanh(f, x!),
  sigmoid: (f, x) => sigmoid(f, x!),
  softplus: (f, x) => softplus(f, x!),
  /** x > 0 as 1 or 0. */
  isPositive: (_, x) => mask(op('f32x4.gt', x!, f32x4(0))),
  /** a <= b as 1 or 0. */
  lessEqual: (_, a, b) => mask(op('f32x4.le', a!, b!)),
  /** Subnormal numbers, which make some processors slow, become zero. */
  flush: share(x => op('v128.andnot', x, op('f32x4.lt', op('f32x4.abs', x), f32x4(2 ** -126)))),
} satisfies Record<string, Emit>

export type Operator = keyof typeof operators
