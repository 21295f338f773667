/** An element-wise loop as data, and the same one with as few dimensions as possible. */
import type { Share } from '../cut.ts'
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
  /** Only this part is done: how threads share a loop. */
  readonly part?: Part
}

export interface Part extends Share {
  /** Rows are dealt out, or whole vectors of columns. Nothing may be summed up along that axis. */
  readonly axis: 'rows' | 'columns'
  /** Rows come in whole units, a multiple of four: the same for all that touch the same rows. */
  readonly unit: number
}

/** Whether a loop, flattened, can be dealt out along an axis. */
export function canSplit({ rows, columns, outputs }: Elementwise, axis: Part['axis']): boolean {
  const allowed = rows === 1 ? undefined : axis === 'rows' ? 1 : 0
  const wholeVectors = rows === 1 || axis === 'rows' || columns % 4 === 0
  return wholeVectors && outputs.every(({ sum }) => sum === undefined || sum === allowed)
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
 * operand or sum cares about rows. The order of sums depends on it, and so on what else the loop reads and stores.
 */
export function withFewestDimensions(loop: Elementwise): Elementwise {
  const { rows, columns } = loop
  if (rows === 1) return asOneRow(loop, { row: 'matrix', column: 'scalar' }, resum(loop, 0, 1))
  const { outputs } = loop
  const inputs = [...allNodes(outputs).keys()].filter(node => 'at' in node)
  const dense = (stride = columns): boolean => stride === columns
  const gapless =
    inputs.every(({ kind, stride }) => kind === 'scalar' || kind === 'row' || dense(stride)) &&
    outputs.every(({ stride, sum }) => sum === 0 || sum === 'all' || dense(stride))
  if (!gapless) return loop
  if (columns === 1) return asOneRow(loop, { column: 'matrix', row: 'scalar' }, resum(loop, 1, 0))
  const rowless =
    inputs.every(({ kind }) => kind === 'matrix' || kind === 'scalar') &&
    outputs.every(({ sum }) => sum === undefined || sum === 'all')
  return rowless ? asOneRow(loop, {}, outputs) : loop
}

/** Where one axis has a single element, a sum along it is none, and one along the other axis is over everything. */
const resum = ({ outputs }: Elementwise, none: 0 | 1, all: 0 | 1): Output[] =>
  outputs.map(output => ({
    ...output,
    sum: output.sum === none ? undefined : output.sum === all ? 'all' : output.sum,
  }))

/** The loop over all elements in a row, with operands stretched as `changes` says. */
function asOneRow(
  loop: Elementwise,
  changes: Partial<Record<Stretch, Stretch>>,
  outputs: readonly Output[],
): Elementwise {
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
    columns: loop.rows * loop.columns,
    outputs: outputs.map(({ value, to, sum }) => ({ value: change(value), to, sum })),
  }
}
