import { type FunctionBuilder, get, type Local, store } from '../assembler/function-builder.ts'
import type { Code } from '../assembler/opcodes.ts'

/** Stores the first `lanes` floats of a vector, and touches nothing beyond. */
export function storeLanes(f: FunctionBuilder, to: Code, value: Local, offset: number, lanes: number): void {
  if (lanes === 4) f.add(store('v128.store', to, get(value), offset))
  else if (lanes >= 2) f.add(store('v128.store64_lane', to, get(value), offset, 0))
  if (lanes % 2 === 1) {
    f.add(store('v128.store32_lane', to, get(value), offset + 4 * (lanes - 1), lanes - 1))
  }
}
