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
  type FunctionBuilder,
  f32x4,
  get,
  i32,
  type Local,
  load,
  op,
  shuffle,
  store,
} from '../assembler/function-builder.ts'
import type { Code } from '../assembler/opcodes.ts'
import { type Address, type Emit, type Expression, operators, type Stretch } from './expressions.ts'
import { allNodes, type Elementwise, flatten, type Output } from './shape.ts'

/** Where in the loops a value is known: before them, from the start of a row, or for each vector only. */
const levels: Record<Stretch, number> = { scalar: 0, column: 1, row: 2, matrix: 2 }

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
