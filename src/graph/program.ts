import { formatShape, ShapeError, sameShape, type Tensor } from './tensor.ts'

type Tensors = Record<string, Tensor>

/** Any of the named tensors; where no names are known, any tensors by name. */
type SomeOf<Named> = string extends keyof Named ? Named : Partial<Named>

/** One step of a program: a graph over its inputs and its state. */
export interface StepDefinition<Outputs = Tensors, State = Tensors> {
  /** New values of state tensors, by name; state that is not named stays as it is. */
  updates: SomeOf<State>
  /** What the step reports, by name. */
  outputs: SomeOf<Outputs>
  /** Whether every engine computes it before `run` returns, even while another step runs. It updates nothing. */
  synchronous?: boolean
}

/**
 * A tensor program: inputs written before each step, state that lasts, and steps that compute on both.
 *
 * The type parameters name the tensors, so that a compiled program has arrays of these names and of no others.
 */
export interface ProgramDefinition<Inputs = Tensors, Outputs = Tensors, State = Tensors> {
  /** `input` tensors by name, written by the caller before a step. */
  inputs: Inputs
  /** `input` tensors by name, whose values persist from step to step. */
  state: State
  steps: Record<string, StepDefinition<Outputs, State>>
}

/** An array for each of the tensors, under the same name. */
export type Arrays<Named> = { readonly [Name in keyof Named]: Float32Array }

/** Copies of all arrays, each with memory of its own. */
export const copyArrays = <Named>(arrays: Arrays<Named>): Arrays<Named> => {
  const copies: { [Name in keyof Named]?: Float32Array } = {}
  for (const name in arrays) copies[name] = arrays[name].slice()
  return copies as Arrays<Named>
}

/** Writes the values of all arrays to those of the same names. */
export function writeArrays<Named>(to: Arrays<Named>, from: Arrays<Named>): void {
  for (const name in from) to[name].set(from[name])
}

/**
 * A compiled program, whichever lowering made it. Nothing is allocated per step.
 *
 * A step has two phases: `run` computes outputs and the next state next to the present one, `commit` makes the next
 * state the present one. A caller that sees a non-finite output does not commit, and nothing learned is lost.
 */
export interface Program<Inputs = Tensors, Outputs = Tensors, State = Tensors> {
  /** Which engine runs it, for people to read. */
  readonly engine: string
  /** What a user should know about the engine, if anything. */
  readonly notice?: string
  /** Arrays to write before `run`, flat and row-major. */
  readonly inputs: Arrays<Inputs>
  /** Arrays to read after `run`, until the next one. */
  readonly outputs: Arrays<Outputs>
  /** The present values of a state tensor: to read, or to write between steps; valid until the next `commit`. */
  state(name: keyof State & string): Float32Array
  /** Computes one step; `state` does not change yet. */
  run(step: string): void | Promise<void>
  /** Makes the state that the last `run` computed the present one. */
  commit(): void
  /** Frees the engine's memory; the program cannot run any more. */
  dispose(): Promise<void>
}

/**
 * Checks that names are consistent before any engine compiles the program.
 * @throws ShapeError if an update has another shape than its state.
 */
export function checkDefinition({ inputs, state, steps }: ProgramDefinition): void {
  for (const [name, tensor] of Object.entries({ ...inputs, ...state })) {
    if (tensor.operation !== 'input' || tensor.attributes.name !== name) {
      throw new ShapeError(`program: ${name} must be an input tensor of that name`)
    }
  }
  for (const [step, { updates, synchronous }] of Object.entries(steps)) {
    if (synchronous && Object.keys(updates).length > 0) {
      throw new ShapeError(`program: step ${step} is synchronous, so that it may not update state`)
    }
    for (const [name, tensor] of Object.entries(updates)) {
      if (!state[name])
        throw new ShapeError(`program: step ${step} updates ${name}, which is not in the state`)
      if (!sameShape(state[name].shape, tensor.shape)) {
        throw new ShapeError(
          `program: step ${step} updates ${name} of shape ${formatShape(state[name].shape)} with ${formatShape(tensor.shape)}`,
        )
      }
    }
  }
}
