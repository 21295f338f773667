/** An element-wise loop as data, and the same one with as few dimensions as possible. */

import type { Local } from '../assembler/function-builder.ts'
import type { Address, Expression, Stretch } from './expressions.ts'

/** A value to be stored, whole or summed up. */
export interface Output {
  readonly value: Expression
  readonly to: Address
  /** Sums over axis 0 (a row remains), over axis 1 (a column remains), or over all elements (a scalar). */
  readonly sum?: 0 | 1 | 'all'
  /** Floats from one stored row to the next. */
  readonly stride?: number
}

export interface Elementwise {
  readonly rows: number
  readonly columns: number
  readonly outputs: readonly Output[]
  /**
   * Does only part `index` of `count`, two i32 locals: how threads share a loop. Loops with sums across rows are
   * not split, part 0 does all.
   */
  readonly part?: { readonly index: Local; readonly count: Local }
}

/** All nodes, operands first, and how often each is used. */
export const allNodes = (outputs: readonly Output[]): Map<Expression, number> => {
  const uses = new Map<Expression, number>()
  const visit = (node: Expression): void => {
    const used = uses.get(node)
    if (used === undefined && node.kind === 'operation') node.operands.forEach(visit)
    uses.set(node, (used ?? 0) + 1)
  }
  for (const { value } of outputs) visit(value)
  return uses
}

/**
 * The same loop with as few dimensions as possible: one row if the elements lie in memory without gaps and no
 * operand or sum cares about rows.
 */
export function flatten(loop: Elementwise): Elementwise {
  const { rows, columns, outputs } = loop
  const inputs = [...allNodes(outputs).keys()].filter(node => 'at' in node)
  const restretch = (
    changes: Partial<Record<Stretch, Stretch>>,
    columns: number,
    outputs: readonly Output[],
  ) => {
    const memo = new Map<Expression, Expression>()
    const change = (node: Expression): Expression => {
      const known = memo.get(node)
      if (known) return known
      const changed: Expression =
        node.kind === 'constant'
          ? node
          : node.kind === 'operation'
            ? { ...node, operands: node.operands.map(change) }
            : { kind: changes[node.kind] ?? node.kind, at: node.at }
      memo.set(node, changed)
      return changed
    }
    return {
      ...loop,
      rows: 1,
      columns,
      outputs: outputs.map(({ value, to, sum }) => ({ value: change(value), to, sum })),
    }
  }
  const resum = (same: 0 | 1, all: 0 | 1): Output[] =>
    outputs.map(output => ({
      ...output,
      sum: output.sum === same ? undefined : output.sum === all ? 'all' : output.sum,
    }))
  if (rows === 1) return restretch({ row: 'matrix', column: 'scalar' }, columns, resum(0, 1))
  const dense = (stride = columns): boolean => stride === columns
  const gapless =
    inputs.every(({ kind, stride }) => kind === 'scalar' || kind === 'row' || dense(stride)) &&
    outputs.every(({ stride, sum }) => sum === 0 || sum === 'all' || dense(stride))
  if (!gapless) return loop
  if (columns === 1) return restretch({ column: 'matrix', row: 'scalar' }, rows, resum(1, 0))
  const rowless =
    inputs.every(({ kind }) => kind === 'matrix' || kind === 'scalar') &&
    outputs.every(({ sum }) => sum === undefined || sum === 'all')
  return rowless ? restretch({}, rows * columns, outputs) : loop
}
