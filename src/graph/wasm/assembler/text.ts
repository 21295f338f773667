/** The text form of functions: what the documentation shows, and tests read. */
import type { FunctionDefinition, FunctionReference, Local } from './function-builder.ts'
import { type Instruction, isMemory } from './opcodes.ts'

export const signatureText = ({ parameters, results }: FunctionReference): string =>
  [...parameters.map(type => ` (param ${type})`), ...results.map(type => ` (result ${type})`)].join('')

/** The lines of a function, one instruction a line; `functionNames` are those of the module, by index. */
export function functionText(
  { name, builder, parameters, results, exported }: FunctionDefinition,
  functionNames: readonly string[],
): string[] {
  const declare = (keyword: string, locals: Local[]): string =>
    locals.map(local => ` (${keyword} $${local.name} ${local.type})`).join('')
  const lines = [
    `  (func $${name}${exported ? ` (export "${name}")` : ''}` +
      declare('param', builder.locals.slice(0, parameters.length)) +
      results.map(type => ` (result ${type})`).join(''),
  ]
  const ownLocals = builder.locals.slice(parameters.length)
  if (ownLocals.length > 0) lines.push(`   ${declare('local', ownLocals)}`)
  let depth = 2
  for (const instruction of builder.code) {
    if (instruction[0] === 'end' || instruction[0] === 'else') depth--
    lines.push('  '.repeat(depth) + instructionText(instruction, builder.locals, functionNames))
    if (/^(block|loop|if|else)$/.test(instruction[0])) depth++
  }
  lines.push('  )')
  return lines
}

const instructionText = (
  [name, ...immediates]: Instruction,
  locals: readonly Local[],
  functionNames: readonly string[],
): string => {
  if (name.startsWith('local.')) return `${name} $${locals[immediates[0]!]!.name}`
  if (name === 'call') return `call $${functionNames[immediates[0]!]}`
  const number = (value: number): string =>
    Object.is(value, -0)
      ? '-0'
      : Number.isFinite(value)
        ? String(value)
        : Number.isNaN(value)
          ? 'nan'
          : value > 0
            ? 'inf'
            : '-inf'
  if (name === 'v128.const') return `${name} f32x4 ${immediates.map(number).join(' ')}`
  if (isMemory(name))
    return [name, immediates[0] && `offset=${immediates[0]}`, ...immediates.slice(1)]
      .filter(part => part !== 0)
      .join(' ')
  return [name, ...immediates.map(number)].join(' ')
}
