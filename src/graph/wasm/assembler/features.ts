/** Which instructions the platform has: asked by having it validate a module that uses them. */
import { f32x4, op } from './function-builder.ts'
import { ModuleBuilder } from './module-builder.ts'
import type { Code } from './opcodes.ts'

/** Whether this platform's WebAssembly has an instruction, given operands for it; its result is dropped. */
const supports = (code: Code): boolean => {
  if (typeof WebAssembly === 'undefined') return false
  const module = new ModuleBuilder()
  module.function('test', {}, [], f => f.add(code, [['drop']]))
  return WebAssembly.validate(module.bytes())
}

export const supportsSimd = (): boolean => supports(op('f32x4.sqrt', f32x4(1)))
export const supportsRelaxedSimd = (): boolean =>
  supports(op('f32x4.relaxed_madd', f32x4(1), f32x4(1), f32x4(1)))
