/**
 * Which part of a step ONNX Runtime computes, and which WebAssembly.
 *
 * ONNX Runtime is far ahead in matrix products, but makes one pass over memory for every element-wise operation:
 * Adam alone is ten. Our own loops do all of them in one. So what is element-wise on long vectors, the optimisers
 * and target averaging, is cut out; both sides work in the same memory, and nothing is copied in between.
 */
import { input } from '../operations.ts'
import type { StepDefinition } from '../program.ts'
import { schedule } from '../schedule.ts'
import { makeTensor, sizeOf, type Tensor } from '../tensor.ts'

/** A part of a step that one side computes in one go. */
export interface Stage extends StepDefinition {
  /** Unlike any other stage's. */
  name: string
  side: 'onnx' | 'wasm'
}

export interface Stages {
  /** In the order in which they run. What they read of each other are `input` tensors. */
  stages: Stage[]
  /** Those of these inputs that are neither a new state (`nextName`) nor reported (`reportedName`). */
  handed: Record<string, Tensor>
}

/** Under which name a stage reads what an earlier one computed as the next state. */
export const nextName = (state: string): string => `next ${state}`

/** Under which name a stage gives, and a later one reads, what the step reports. */
export const reportedName = (output: string): string => `output ${output}`

/** A vector of at least so many elements is worth changing sides. */
const LONG = 16_384

const isLong = ({ shape }: Tensor): boolean => shape.at(-1)! >= LONG && shape.at(-1) === sizeOf(shape)

/** What loops take over: where the operands are long vectors, these are the optimisers' operations. */
const ELEMENTWISE = new Set(['add', 'sub', 'mul', 'div', 'min', 'neg', 'square', 'sqrt', 'clamp', 'full'])

/** Parts of something are read where it lies, by either side. */
const isView = ({ operation }: Tensor): boolean => operation === 'slice' || operation === 'reshape'
const isGiven = ({ operation }: Tensor): boolean => operation === 'input' || operation === 'constant'

/** Cuts a step into stages. */
export function cutIntoStages(step: string, { updates, outputs, synchronous }: StepDefinition): Stages {
  if (synchronous) {
    // ONNX Runtime answers with promises.
    const reported = Object.entries(outputs).map(([name, tensor]) => [reportedName(name), tensor])
    return {
      stages: [{ name: step, side: 'wasm', updates, outputs: Object.fromEntries(reported) }],
      handed: {},
    }
  }
  const { tensors, find } = schedule([...Object.values(updates), ...Object.values(outputs)])
  const levels = levelsOf(tensors, new Set(Object.values(updates).map(find)))
  postpone(tensors, levels, new Set(Object.values(outputs).map(find)))
  const stages = Array.from(
    { length: 1 + Math.max(0, ...levels.values()) },
    (_, level): Stage => ({
      name: `${step} ${level}`,
      side: level % 2 === 0 ? 'onnx' : 'wasm',
      updates: {},
      outputs: {},
    }),
  )
  const rootNames = new Map<Tensor, string>()
  for (const [name, tensor] of Object.entries(outputs)) rootNames.set(find(tensor), reportedName(name))
  for (const [name, tensor] of Object.entries(updates)) rootNames.set(find(tensor), nextName(name))

  const handed: Record<string, Tensor> = {}
  const inputNames = new Map<Tensor, string>()
  /** The input by which a stage reads what an earlier one computes. */
  const read = (tensor: Tensor, { side }: Stage): Tensor => {
    const rootName = rootNames.get(tensor)
    if (rootName && side === 'onnx') return input(rootName, tensor.shape)
    const name = inputNames.get(tensor) ?? `${step}: ${inputNames.size}`
    inputNames.set(tensor, name)
    const level = levels.get(tensor)!
    stages[level].outputs[name] = build(tensor, level)
    handed[name] = input(name, tensor.shape)
    return handed[name]
  }
  const built = stages.map(() => new Map<Tensor, Tensor>())
  /** The tensor within the stage of this level. */
  const build = (tensor: Tensor, level: number): Tensor => {
    let own = built[level].get(tensor)
    if (!own) {
      const { operation, inputs, shape, attributes } = tensor
      const isRead = levels.get(tensor)! >= 0 && levels.get(tensor) !== level && !isView(tensor)
      own = isRead
        ? read(tensor, stages[level])
        : makeTensor(
            operation,
            inputs.map(x => build(x, level)),
            shape,
            attributes,
          )
      built[level].set(tensor, own)
    }
    return own
  }
  const place = (kind: 'updates' | 'outputs', name: string, root: Tensor): void => {
    const level = Math.max(0, levels.get(find(root))!)
    stages[level][kind][name] = build(find(root), level)
  }
  for (const [name, root] of Object.entries(updates)) place('updates', name, root)
  for (const [name, root] of Object.entries(outputs)) place('outputs', reportedName(name), root)
  const isEmpty = (stage: Stage) => Object.keys({ ...stage.updates, ...stage.outputs }).length === 0
  return { stages: stages.filter(stage => !isEmpty(stage)), handed }
}

/**
 * The stage of each tensor: even ones are ONNX Runtime's, odd ones WebAssembly's. It is negative for what every stage
 * that needs it makes for itself: what is given, its parts, and what a loop computes from nothing else.
 */
function levelsOf(tensors: readonly Tensor[], updates: ReadonlySet<Tensor>): Map<Tensor, number> {
  const levels = new Map<Tensor, number>()
  const endings = tensors.some(isLong) ? endingsOf(tensors, updates) : new Set<Tensor>()
  for (const tensor of tensors) {
    const before = tensor.inputs.map(x => levels.get(x)!).filter(level => level >= 0)
    const last = Math.max(-1, ...before)
    const goesOn = before.length > 0 && before.every(level => level % 2 === 1) && sizeOf(tensor.shape) === 1
    const inLoop =
      tensor.operation === 'sum'
        ? isLong(tensor.inputs[0])
        : ELEMENTWISE.has(tensor.operation) && (isLong(tensor) || goesOn || endings.has(tensor))
    const parity = inLoop ? 1 : 0
    if (isGiven(tensor) || isView(tensor) || (inLoop && last < 0)) levels.set(tensor, last)
    else levels.set(tensor, last < 0 ? 0 : last + (last % 2 === parity ? 0 : 1))
  }
  const lastLoop = Math.max(...[...levels.values()].filter(level => level % 2 === 1))
  for (const tensor of endings) if (levels.get(tensor)! > 0) levels.set(tensor, lastLoop)
  return levels
}

/** Single numbers that nothing but a new state is computed from, as in the temperature's optimiser. */
function endingsOf(tensors: readonly Tensor[], updates: ReadonlySet<Tensor>): Set<Tensor> {
  const endings = new Set<Tensor>()
  const goesElsewhere = new Set<Tensor>()
  for (const tensor of tensors.toReversed()) {
    const isRead = tensors.some(({ inputs }) => inputs.includes(tensor))
    const ends = sizeOf(tensor.shape) === 1 && ELEMENTWISE.has(tensor.operation) && !goesElsewhere.has(tensor)
    if (ends && (isRead || updates.has(tensor))) endings.add(tensor)
    else for (const x of tensor.inputs) goesElsewhere.add(x)
  }
  return endings
}

/**
 * Moves what ONNX Runtime computes to the last of its stages that serves all readers: the actor on the present
 * observation to where the actor learns. For what leaves a model costs, even where its place is given:
 * onnxruntime-node makes a copy of it that nobody asked for.
 * @param reported what the step gives; it stays where it is, unless a later part of the step reads it
 */
function postpone(
  tensors: readonly Tensor[],
  levels: Map<Tensor, number>,
  reported: ReadonlySet<Tensor>,
): void {
  const isOnnx = (level: number) => level >= 0 && level % 2 === 0
  const last = Math.max(0, ...[...levels.values()].filter(isOnnx))
  /** The last level whose results all readers have in time. */
  const latest = new Map<Tensor, number>()
  for (const tensor of tensors.toReversed()) {
    const level = levels.get(tensor)!
    if (isOnnx(level)) levels.set(tensor, latest.get(tensor) ?? (reported.has(tensor) ? level : last))
    const readAt = levels.get(tensor)!
    for (const x of tensor.inputs) {
      latest.set(x, Math.min(latest.get(x) ?? last, readAt % 2 === 0 ? readAt : readAt - 1))
    }
  }
}
