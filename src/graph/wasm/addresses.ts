import type { Tensor } from '../tensor.ts'
import { type FunctionReference, get, i32, type Local, op } from './assembler/function-builder.ts'
import type { ModuleBuilder } from './assembler/module-builder.ts'
import type { Code } from './assembler/opcodes.ts'
import type { Matmul } from './matmul/matmul.ts'
import type { ZeroRows } from './matmul/zero-rows.ts'
import type { Buffer, Place, ProgramBuffers } from './plan/memory.ts'
import type { StepPlan } from './plan/plan.ts'

/** What the functions of one step are made with. */
export interface Context {
  module: ModuleBuilder
  matmul: Matmul
  plan: StepPlan
  /** Byte address of the first temporary buffer. */
  temporaries: number
  scratch: number
  scratchPerThread: number
  buffers: ProgramBuffers
  /** Present if several threads run the step. */
  barrier?: FunctionReference
  /** Present if some products have zero rows. */
  zeroRows?: ZeroRows
}

/** Whether a buffer is one copy of a state tensor, whose address is known only when a step begins. */
export const isState = ({ kind }: Buffer): boolean => kind === 'present' || kind === 'next'

/** The byte address of a place, given the locals that hold those of state copies. */
export function addressCode(
  context: Context,
  { buffer, offset }: Place,
  baseOf: (buffer: Buffer) => Local,
): Code {
  if (isState(buffer)) {
    return op('i32.add', get(baseOf(buffer)), i32(4 * offset))
  }
  return i32(fixedAddress(context, buffer) + 4 * offset)
}

/** The byte address of a buffer that is no state. */
export const fixedAddress = ({ temporaries }: Context, { kind, address }: Buffer): number =>
  kind === 'temporary' ? temporaries + address : address

/** The place of a tensor that has to be in memory. */
export function requirePlace(plan: StepPlan, tensor: Tensor): Place {
  const place = plan.placeOf(tensor)
  if (!place) throw new Error(`WebAssembly: ${tensor.operation} was given no memory`)
  return place
}
