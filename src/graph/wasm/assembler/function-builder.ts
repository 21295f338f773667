/**
 * How code is written, as a list of `[name, ...immediates]`: expressions are pure values (lists of instructions
 * that leave one result on the stack) and nest like function calls; statements are appended to a function builder.
 */
import { type Code, type Instruction, join, type Opcode } from './opcodes.ts'

export type ValueType = 'i32' | 'f32' | 'v128'

/** A parameter or local variable of one function. */
export interface Local {
  readonly index: number
  readonly type: ValueType
  readonly name: string
}

/** A function that can be called: its index and, for the text form, its name. */
export interface FunctionReference<Parameter extends string = string> {
  readonly index: number
  readonly name: string
  readonly parameterNames: readonly Parameter[]
  readonly parameters: readonly ValueType[]
  readonly results: readonly ValueType[]
}

/** An instruction applied to operand expressions; for instructions with immediates see the functions below. */
export const op = (name: Opcode, ...operands: Code[]): Code => {
  const code = join<Instruction>(operands)
  code.push([name])
  return code
}
/** Arithmetic on addresses and counts. */
export const add = (a: Code, b: Code): Code => op('i32.add', a, b)
export const times = (a: Code, b: Code): Code => op('i32.mul', a, b)
export const i32 = (value: number): Code => [['i32.const', value | 0]]
export const f32 = (value: number): Code => [['f32.const', Math.fround(value)]]
/** Four equal floats. */
export const f32x4 = (value: number): Code => [['v128.const', ...Array<number>(4).fill(Math.fround(value))]]
/** Four equal 32-bit patterns. */
export const i32x4 = (bits: number): Code => [['i32.const', bits | 0], ['i32x4.splat']]
export const get = (local: Local): Code => [['local.get', local.index]]
export const tee = (local: Local, value: Code): Code => [...value, ['local.tee', local.index]]
/** A load from `address + offset`, the offset being free of charge. */
export const load = (name: Opcode, address: Code, offset = 0): Code => [...address, [name, offset]]
/** A store to `address + offset`; `lane` for the lane stores. */
export const store = (name: Opcode, address: Code, value: Code, offset = 0, ...lane: number[]): Code => [
  ...address,
  ...value,
  [name, offset, ...lane],
]
export const call = (callee: FunctionReference, ...operands: Code[]): Code =>
  join([...operands, [['call', callee.index]]])
/** The same with the operands by name, for functions with more than a few parameters. */
export const callNamed = <Parameter extends string>(
  callee: FunctionReference<Parameter>,
  operands: Readonly<Record<Parameter, Code>>,
): Code => call(callee, ...callee.parameterNames.map(name => operands[name]))
/** `yes` where the condition is not zero, else `no`; both are computed. */
export const select = (condition: Code, yes: Code, no: Code): Code => [
  ...yes,
  ...no,
  ...condition,
  ['select'],
]
/** The four 32-bit lanes picked by index from `a` (0..3) and `b` (4..7). */
export const shuffle = (a: Code, b: Code, ...lanes: number[]): Code => [
  ...a,
  ...b,
  ['i8x16.shuffle', ...lanes.flatMap(lane => [0, 1, 2, 3].map(byte => 4 * lane + byte))],
]
/** One lane of a vector as a scalar. */
export const lane = (value: Code, index: number): Code => [...value, ['f32x4.extract_lane', index]]

/** Writes one function: declares its locals and appends its statements in order. */
export class FunctionBuilder {
  readonly code: Instruction[] = []
  readonly locals: Local[] = []
  readonly #names = new Set<string>()

  constructor(parameters: Readonly<Record<string, ValueType>>) {
    for (const [name, type] of Object.entries(parameters)) this.local(type, name)
  }

  local(type: ValueType, name = type[0]!): Local {
    const index = this.locals.length
    const local = { index, type, name: this.#names.has(name) ? `${name}_${index}` : name }
    this.#names.add(local.name)
    this.locals.push(local)
    return local
  }

  /** Appends statements: instructions that leave the stack as they found it. */
  add(...statements: Code[]): void {
    for (const statement of statements) for (const instruction of statement) this.code.push(instruction)
  }

  set(local: Local, value: Code): void {
    this.add(value, [['local.set', local.index]])
  }

  /** A new local that holds the value from here on. */
  let(type: ValueType, value: Code, name?: string): Local {
    const local = this.local(type, name)
    this.set(local, value)
    return local
  }

  /** A local that holds the value of an expression: the one it is read from, if it is no more than that. */
  keep(type: ValueType, value: Code, name?: string): Local {
    const [instruction, more] = value
    const read = !more && instruction?.[0] === 'local.get' && this.locals[instruction[1]!]
    return read || this.let(type, value, name)
  }

  /** Adds to an i32 local: the step of pointers and counters. */
  increment(local: Local, by: Code): void {
    this.set(local, op('i32.add', get(local), by))
  }

  /** Runs the body once, and again as long as the condition holds afterwards. */
  doWhile(body: () => void, condition: () => Code): void {
    this.code.push(['loop'])
    body()
    this.add(condition(), [['br_if', 0], ['end']])
  }

  if(condition: Code, then: () => void, otherwise?: () => void): void {
    this.add(condition, [['if']])
    then()
    if (otherwise) {
      this.code.push(['else'])
      otherwise()
    }
    this.code.push(['end'])
  }

  while(condition: () => Code, body: () => void): void {
    this.if(condition(), () => this.doWhile(body, condition))
  }
}

/** A function as a module holds it. */
export interface FunctionDefinition<Parameter extends string = string> extends FunctionReference<Parameter> {
  readonly builder: FunctionBuilder
  readonly exported: boolean
}
