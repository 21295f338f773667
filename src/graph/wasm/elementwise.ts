/**
 * Fused element-wise loops: any number of expressions over matrices of one size, rows, columns and scalars become
 * one pass over memory, with sums along the way.
 *
 * Sums have a fixed order: along axis 0 row after row; along axis 1 and over everything four partial sums, by
 * element number modulo 4 (within a row, unless the whole matrix is stored without gaps), joined as (0+2)+(1+3).
 *
 * Loads may read up to 12 bytes past the end of an operand; stores are exact. An output may be stored where an
 * input lies if both are the same elements: all values of a vector are computed before any is stored.
 */
import {
  type Code,
  type FunctionBuilder,
  f32x4,
  get,
  i32,
  type Local,
  load,
  op,
  shuffle,
  store,
} from './encoder.ts'
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

type Emit = (f: FunctionBuilder, ...operands: Code[]) => Code

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

const operators = {
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

/** Where in the loops a value is known: before them, from the start of a row, or for each vector only. */
const levels: Record<Input['kind'], number> = { scalar: 0, column: 1, row: 2, matrix: 2 }

/** All nodes, operands first, and how often each is used. */
const allNodes = (outputs: readonly Output[]): Map<Expression, number> => {
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
function flatten(loop: Elementwise): Elementwise {
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

/** Appends the loop to a function. */
export function emitElementwise(f: FunctionBuilder, loop: Elementwise): void {
  for (const size of [loop.rows, loop.columns]) {
    if (!Number.isInteger(size) || size < 1) throw new RangeError(`A loop needs positive sizes: ${size}`)
  }
  const flat = flatten(loop)
  const { rows, columns, part } = flat
  if (part && flat.outputs.some(({ sum }) => sum === 'all' || sum === 0)) {
    f.if(op('i32.eqz', get(part.index)), () => emitElementwise(f, { ...loop, part: undefined }))
    return
  }
  const uses = allNodes(flat.outputs)
  const levelOf = new Map<Expression, number>()
  for (const node of uses.keys()) {
    const level =
      node.kind === 'constant'
        ? 0
        : node.kind === 'operation'
          ? Math.max(0, ...node.operands.map(operand => levelOf.get(operand)!))
          : levels[node.kind]
    levelOf.set(node, level)
  }
  const vectors = Math.floor(columns / 4)
  const tail = columns % 4
  // Short rows are written out.
  const looped = vectors > 4 || rows === 1

  /** Byte offsets that run along: within a row, and over rows by their stride. */
  const along = f.local('i32', 'along')
  const inRows = new Map<number, Local>()
  const overRows = new Map<number, Local>()
  const running = (pointers: Map<number, Local>, stride: number): Local => {
    const known = pointers.get(stride) ?? f.local('i32', `stride_${stride}`)
    pointers.set(stride, known)
    return known
  }
  const inRow = (stride = columns): Local => (rows === 1 ? along : running(inRows, stride))
  const overRow = (stride = 1): Local => running(overRows, stride)
  const address = ({ base }: Address, pointer?: Local): Code =>
    base && pointer
      ? op('i32.add', get(base), get(pointer))
      : base
        ? get(base)
        : pointer
          ? get(pointer)
          : i32(0)

  const evaluate = (node: Expression, known: Map<Expression, Local>, displacement: number): Code => {
    const local = known.get(node)
    if (local) return get(local)
    if (node.kind === 'constant') return f32x4(node.value)
    const compute = (): Code => {
      switch (node.kind) {
        case 'operation': {
          const emit: Emit = operators[node.operator]
          return emit(f, ...node.operands.map(operand => evaluate(operand, known, displacement)))
        }
        case 'scalar':
          return load('v128.load32_splat', address(node.at), node.at.offset)
        case 'column':
          return load('v128.load32_splat', address(node.at, overRow(node.stride ?? 1)), node.at.offset)
        case 'row':
          return load('v128.load', address(node.at, along), node.at.offset + displacement)
        case 'matrix':
          return load('v128.load', address(node.at, inRow(node.stride)), node.at.offset + displacement)
      }
    }
    const code = compute()
    if (uses.get(node) === 1 && levelOf.get(node) === 2) return code
    const kept = f.let('v128', code, node.kind === 'operation' ? node.operator : node.kind)
    known.set(node, kept)
    return get(kept)
  }

  /** Computes what is known at this level, so that inner loops need not. */
  const hoist = (level: number, known: Map<Expression, Local>): void => {
    for (const [node, itsLevel] of levelOf) if (itsLevel === level) evaluate(node, known, 0)
  }

  const storeLanes = (to: Code, value: Local, offset: number, lanes: number): void => {
    if (lanes === 4) f.add(store('v128.store', to, get(value), offset))
    else if (lanes >= 2) f.add(store('v128.store64_lane', to, get(value), offset, 0))
    if (lanes % 2 === 1)
      f.add(store('v128.store32_lane', to, get(value), offset + 4 * (lanes - 1), lanes - 1))
  }

  const sums = new Map<Output, Local>()
  const clearSums = (kind: Output['sum']): void => {
    for (const [output, sum] of sums) if (output.sum === kind) f.set(sum, f32x4(0))
  }
  const storeSum = (output: Output, to: Code): void => {
    const sum = sums.get(output)!
    f.set(sum, op('f32x4.add', get(sum), shuffle(get(sum), get(sum), 2, 3, 2, 3)))
    f.set(sum, op('f32x4.add', get(sum), shuffle(get(sum), get(sum), 1, 1, 1, 1)))
    storeLanes(to, sum, output.to.offset, 1)
  }

  /** One vector of each output. */
  const body = (outer: Map<Expression, Local>, displacement: number, lanes: number): void => {
    const known = new Map(outer)
    const values = flat.outputs.map(({ value }) =>
      f.keep('v128', evaluate(value, known, displacement), 'value'),
    )
    flat.outputs.forEach((output, index) => {
      const value = values[index]!
      const { to, stride, sum } = output
      const offset = to.offset + displacement
      if (sum === undefined) storeLanes(address(to, inRow(stride)), value, offset, lanes)
      else if (sum === 0) {
        const total = f.let(
          'v128',
          op('f32x4.add', load('v128.load', address(to, along), offset), get(value)),
          'total',
        )
        storeLanes(address(to, along), total, offset, lanes)
      } else {
        // Lanes beyond the row are taken from a vector of zeros.
        const kept =
          lanes === 4
            ? get(value)
            : shuffle(get(value), f32x4(0), ...[0, 1, 2, 3].map(i => (i < lanes ? i : 4)))
        f.set(sums.get(output)!, op('f32x4.add', get(sums.get(output)!), kept))
      }
    })
  }

  for (const output of flat.outputs) {
    if (output.sum === 1 || output.sum === 'all') sums.set(output, f.local('v128', 'sum'))
    if (output.sum === 0) {
      const to = op('i32.add', address(output.to), i32(output.to.offset))
      f.add([...to, ...i32(0), ...i32(4 * columns), ['memory.fill']])
    }
  }
  clearSums('all')
  const known = new Map<Expression, Local>()
  hoist(0, known)

  /** The share of `count` things that falls to this part, as its two ends. */
  const share = (count: number): [Code, Code] => {
    if (!part) return [i32(0), i32(count)]
    const cut = (index: Code): Code => op('i32.div_u', op('i32.mul', i32(count), index), get(part.count))
    return [cut(get(part.index)), cut(op('i32.add', get(part.index), i32(1)))]
  }

  /** A loop that runs at least once unless it is split. */
  const repeat = (condition: () => Code, body: () => void): void =>
    part ? f.while(condition, body) : f.doWhile(body, condition)

  if (rows === 1) {
    const [start, end] = share(vectors)
    f.set(along, part ? op('i32.mul', start, i32(16)) : start)
    const last = part ? get(f.let('i32', op('i32.mul', end, i32(16)), 'last')) : i32(16 * vectors)
    if (vectors > 0) {
      repeat(
        () => op('i32.lt_u', get(along), last),
        () => {
          body(known, 0, 4)
          f.increment(along, i32(16))
        },
      )
    }
    if (tail > 0) {
      const finish = (): void => body(known, 0, tail)
      if (part) f.if(op('i32.eq', op('i32.add', get(part.index), i32(1)), get(part.count)), finish)
      else finish()
    }
  } else {
    // The pointers must be known before the loop starts: they are declared by everything that uses them.
    for (const node of uses.keys()) {
      if (node.kind === 'matrix') inRow(node.stride)
      if (node.kind === 'column') overRow(node.stride)
    }
    for (const { sum, stride } of flat.outputs) {
      if (sum === undefined) inRow(stride)
      if (sum === 1) overRow(stride)
    }
    const [start, end] = share(rows)
    const at = f.let('i32', start, 'row')
    const last = part ? get(f.let('i32', end, 'last')) : i32(rows)
    for (const pointers of [inRows, overRows]) {
      for (const [stride, pointer] of pointers)
        f.set(pointer, part ? op('i32.mul', get(at), i32(4 * stride)) : i32(0))
    }
    repeat(
      () => op('i32.lt_u', get(at), last),
      () => {
        hoist(1, known)
        clearSums(1)
        f.set(along, i32(0))
        const advance = (bytes: number): void => {
          for (const pointer of [along, ...inRows.values()]) f.increment(pointer, i32(bytes))
        }
        if (looped) {
          f.doWhile(
            () => {
              body(known, 0, 4)
              advance(16)
            },
            () => op('i32.lt_u', get(along), i32(16 * vectors)),
          )
        } else for (let vector = 0; vector < vectors; vector++) body(known, 16 * vector, 4)
        if (tail > 0) body(known, looped ? 0 : 16 * vectors, tail)
        for (const output of flat.outputs) {
          if (output.sum === 1) storeSum(output, address(output.to, overRow(output.stride)))
        }
        for (const [stride, pointer] of inRows)
          f.increment(pointer, i32(4 * stride - (looped ? 16 * vectors : 0)))
        for (const [stride, pointer] of overRows) f.increment(pointer, i32(4 * stride))
        f.increment(at, i32(1))
      },
    )
  }
  for (const output of sums.keys()) if (output.sum === 'all') storeSum(output, address(output.to))
}
