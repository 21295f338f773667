/** The values of a loop's expressions: each is computed where it is first known, and kept if it is used again. */
import { type FunctionBuilder, f32x4, get, type Local, load } from '../assembler/function-builder.ts'
import type { Code } from '../assembler/opcodes.ts'
import { type Emit, type Expression, operators, type Stretch } from './expressions.ts'
import { addressOf, type Pointers } from './pointers.ts'
import { allNodes, type Elementwise } from './shape.ts'

/** Where in the loops a value is known: before them, from the start of a row, or for each vector only. */
export type Level = 0 | 1 | 2
const levelByStretch: Record<Stretch, Level> = { scalar: 0, column: 1, row: 2, matrix: 2 }

/** Values that are in locals. */
export type Known = Map<Expression, Local>

export interface Values {
  /** The value of a node for the present vector, `displacement` bytes on. */
  readonly evaluate: (node: Expression, known: Known, displacement: number) => Code
  /** Computes what is known at a level, so that inner loops need not. */
  readonly hoist: (level: Level, known: Known) => void
}

export function defineValues(f: FunctionBuilder, { outputs }: Elementwise, pointers: Pointers): Values {
  const uses = allNodes(outputs)
  const levelOf = new Map<Expression, Level>()
  for (const node of uses.keys()) levelOf.set(node, levelIn(levelOf, node))

  const compute = (node: Expression, known: Known, displacement: number): Code => {
    switch (node.kind) {
      case 'constant':
        return f32x4(node.value)
      case 'operation': {
        const emit: Emit = operators[node.operator]
        return emit(f, ...node.operands.map(operand => evaluate(operand, known, displacement)))
      }
      case 'scalar':
        return load('v128.load32_splat', addressOf(node.at), node.at.offset)
      case 'column': {
        const address = addressOf(node.at, pointers.overRow(node.stride))
        return load('v128.load32_splat', address, node.at.offset)
      }
      case 'row':
        return load('v128.load', addressOf(node.at, pointers.along), node.at.offset + displacement)
      case 'matrix': {
        const address = addressOf(node.at, pointers.inRow(node.stride))
        return load('v128.load', address, node.at.offset + displacement)
      }
    }
  }
  const evaluate = (node: Expression, known: Known, displacement: number): Code => {
    const local = known.get(node)
    if (local) return get(local)
    const code = compute(node, known, displacement)
    if (node.kind === 'constant' || (uses.get(node) === 1 && levelOf.get(node) === 2)) return code
    const kept = f.let('v128', code, node.kind === 'operation' ? node.operator : node.kind)
    known.set(node, kept)
    return get(kept)
  }
  return {
    evaluate,
    hoist(level, known) {
      for (const [node, itsLevel] of levelOf) if (itsLevel === level) evaluate(node, known, 0)
    },
  }
}

const levelIn = (levelOf: ReadonlyMap<Expression, Level>, node: Expression): Level => {
  if (node.kind === 'constant') return 0
  if (node.kind !== 'operation') return levelByStretch[node.kind]
  return Math.max(0, ...node.operands.map(operand => levelOf.get(operand)!)) as Level
}
