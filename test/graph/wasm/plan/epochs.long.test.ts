import { describe, expect, test } from 'vitest'
import {
  concat,
  input,
  matmul,
  pad,
  relu,
  reshape,
  slice,
  square,
  sum,
  tanh,
} from '../../../../src/graph/operations.ts'
import type { ProgramDefinition } from '../../../../src/graph/program.ts'
import { sizeOf, type Tensor } from '../../../../src/graph/tensor.ts'
import { ModuleBuilder } from '../../../../src/graph/wasm/assembler/module-builder.ts'
import { defineVectorFunction, tanh as tanhCode } from '../../../../src/graph/wasm/loop/math.ts'
import { defineMatmul } from '../../../../src/graph/wasm/matmul/matmul.ts'
import { type Buffer, bytesOf, type ProgramBuffers } from '../../../../src/graph/wasm/plan/memory.ts'
import { planStep } from '../../../../src/graph/wasm/plan/plan.ts'
import { shapeOfProduct } from '../../../../src/graph/wasm/product-call.ts'
import { defineStep } from '../../../../src/graph/wasm/step.ts'
import { CONTROL } from '../../../../src/graph/wasm/threads.ts'
import { mapRecord } from '../../../../src/map-record.ts'
import { parseSacOptions } from '../../../../src/sac/parse-options.ts'
import { type UpdateProgram, updateProgram } from '../../../../src/sac/update.ts'
import { randomizer } from '../heap.ts'

/** In which order the threads of an epoch take their turns: whatever is not a barrier may not matter. */
type Order = 'first to last' | 'last to first'

/** Runs a step epoch by epoch, in each of them one thread after the other; returns all it leaves, by name. */
function simulate(definition: ProgramDefinition, step: string, threads: number, order: Order) {
  let end = CONTROL.bytes(Object.keys(definition.state).length)
  const allocate = (bytes: number): number => {
    const address = 64 * Math.ceil(end / 64)
    end = address + bytes
    return address
  }
  const bufferOf = (kind: Buffer['kind'], { shape }: Tensor, state?: string): Buffer => {
    const size = sizeOf(shape)
    return { kind, size, state, address: allocate(bytesOf({ size })), first: 0, last: 0 }
  }
  const { updates, outputs } = definition.steps[step]
  const buffers: ProgramBuffers = {
    inputs: mapRecord(definition.inputs, tensor => bufferOf('fixed', tensor)),
    outputs: mapRecord(outputs, tensor => bufferOf('fixed', tensor)),
    present: mapRecord(definition.state, (tensor, name) => bufferOf('present', tensor, name)),
    next: mapRecord(definition.state, (tensor, name) => bufferOf('next', tensor, name)),
  }
  const module = new ModuleBuilder()
  const shared = threads > 1
  const plan = planStep({ updates, outputs }, buffers, { shared, activations: ['relu', 'tanh'] })
  const matmul = defineMatmul(module, { activations: [defineVectorFunction(module, 'tanh', tanhCode)] })
  const scratchPerThread = Math.max(
    64,
    ...plan.epochs
      .flat()
      .map(({ kernel }) => (kernel.kind === 'product' ? matmul.scratchBytes(shapeOfProduct(kernel)) : 0)),
  )
  const temporaries = allocate(plan.temporaryBytes)
  const scratch = allocate(64 * Math.ceil(scratchPerThread / 64) * threads)
  const pages = Math.ceil((end + 64) / 65536)
  module.importMemory({ module: 'env', field: 'memory', pages })
  const barrier = shared
    ? module.function('barrier', { thread: 'i32', threads: 'i32' }, [], () => {})
    : undefined
  const common = { module, matmul, temporaries, scratch, scratchPerThread, buffers, barrier }
  plan.epochs.forEach((epoch, i) => {
    defineStep({ ...common, plan: { ...plan, epochs: [epoch] } }, `epoch ${i}`)
  })
  const memory = new WebAssembly.Memory({ initial: pages })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), { env: { memory } })

  const view = ({ address, size }: Buffer) => new Float32Array(memory.buffer, address, size)
  new Float32Array(memory.buffer, temporaries).fill(Number.NaN)
  const random = randomizer(7)
  for (const buffer of [...Object.values(buffers.inputs), ...Object.values(buffers.present)]) {
    view(buffer).forEach((_, i, values) => {
      values[i] = random() - 0.5
    })
  }
  Object.keys(definition.state).forEach((name, i) => {
    const table = new Int32Array(memory.buffer)
    table[CONTROL.state(i, 'present') / 4] = buffers.present[name].address
    table[CONTROL.state(i, 'next') / 4] = buffers.next[name].address
  })
  const turns = Array.from({ length: threads }, (_, i) => (order === 'first to last' ? i : threads - 1 - i))
  plan.epochs.forEach((_, i) => {
    for (const thread of turns) (exports[`epoch ${i}`] as (...values: number[]) => void)(thread, threads)
  })
  const updated = Object.fromEntries(Object.keys(updates).map(name => [name, buffers.next[name]]))
  return mapRecord({ ...buffers.outputs, ...updated }, buffer => view(buffer).slice())
}

/** A step without state. */
const program = (outputs: Record<string, Tensor>, ...inputs: Tensor[]): ProgramDefinition => ({
  inputs: Object.fromEntries(inputs.map(tensor => [tensor.attributes.name!, tensor])),
  state: {},
  steps: { step: { updates: {}, outputs } },
})

const rows = 70 // no whole number of units
const x = input('x', [rows, 12])
const kernel = input('kernel', [12, 68])
const middle = input('middle', [68, 68])
const last = input('last', [85, 9])
const long = input('long', [5000])
const hidden = relu(matmul(x, kernel))
const kernel70 = input('kernel', [12, rows])
const square70 = tanh(matmul(x, kernel70))

const programs: Record<string, ProgramDefinition> = {
  'layers after each other': program({ y: tanh(matmul(hidden, middle)) }, x, kernel, middle),
  'a product of all rows': program({ y: matmul(hidden, tanh(hidden), { transposeA: true }) }, x, kernel),
  'columns joined and read in parts': program(
    { y: matmul(concat([hidden, x, slice(hidden, 1, 3, 8)], 1), last) },
    ...[x, kernel, last],
  ),
  'rows joined and read from another row on': program(
    { y: tanh(slice(concat([hidden, tanh(hidden), square(hidden)], 0), 0, 5, 5 + rows)) },
    ...[x, kernel],
  ),
  'rows padded, and rows of another length': program(
    {
      y: tanh(slice(pad(tanh(hidden), 0, 7, 3), 0, 0, rows)),
      z: tanh(reshape(tanh(reshape(tanh(hidden), [rows * 17, 4])), [rows, 68])),
    },
    ...[x, kernel],
  ),
  'sums over rows, columns and everything': program(
    { columns: square(sum(hidden, 0)), all: sum(tanh(hidden)), each: tanh(sum(hidden, 1)) },
    ...[x, kernel],
  ),
  'a product of all rows, as many as it has': program(
    { y: matmul(square70, x, { transposeA: true }) },
    ...[x, kernel70],
  ),
  'long rows joined, and as long a row from the middle': program(
    { y: tanh(slice(concat([tanh(long), square(long)], 0), 0, 3000, 8000)) },
    long,
  ),
  'a whole update': updateProgram({
    ...parseSacOptions({ hiddenSizes: [72, 90], batchSize: 70, maxGradientNorm: 1 }),
    observationSize: 5,
    actionSize: 2,
  }) as UpdateProgram & ProgramDefinition,
}

describe('threads meet wherever data crosses from one to another', () => {
  test.each(Object.keys(programs))('%s', name => {
    const definition = programs[name]
    const [step] = Object.keys(definition.steps)
    const alone = simulate(definition, step, 1, 'first to last')
    for (const threads of [2, 3]) {
      expect(simulate(definition, step, threads, 'first to last')).toEqual(alone)
      expect(simulate(definition, step, threads, 'last to first')).toEqual(alone)
    }
  })
})

const epochsOf = (definition: ProgramDefinition): number => {
  const buffer: Buffer = { kind: 'fixed', size: 1, address: 0, first: 0, last: 0 }
  const all = (record: Record<string, unknown>) => mapRecord(record, () => ({ ...buffer }))
  const [step] = Object.values(definition.steps)
  const { inputs, state } = definition
  const buffers = { inputs: all(inputs), outputs: all(step.outputs), present: all(state), next: all(state) }
  return planStep(step, buffers, { shared: true, activations: ['relu'] }).epochs.length
}

test('they meet nowhere else: layer after layer of the same rows is one epoch', () => {
  expect(epochsOf(programs['layers after each other'])).toBe(1)
  expect(epochsOf(programs['columns joined and read in parts'])).toBe(1)
  expect(epochsOf(programs['a product of all rows'])).toBe(2)
  // Two passes forward and two back, with a loss, weights and an optimiser each.
  expect(epochsOf(programs['a whole update'])).toBeLessThanOrEqual(13)
})
