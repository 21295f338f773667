/**
 * Which part of a step ONNX Runtime computes, and which WebAssembly.
 *
 * ONNX Runtime is far ahead in matrix products, but makes one pass over memory for every element-wise operation:
 * Adam alone is ten. Our own loops do all of them in one. So what is element-wise on long vectors, the optimisers
 * and target averaging, is cut out; both engines work in the same memory, and nothing is copied in between.
 */
import { input } from '../operations.ts'
import type { StepDefinition } from '../program.ts'
import { schedule } from '../schedule.ts'
import { makeTensor, type Tensor } from '../tensor.ts'
import { isView, levelsOf } from './levels.ts'

/** A part of a step that one engine computes at once. */
export interface Stage extends StepDefinition {
  /** Unique among the stages. */
  name: string
  side: 'onnx' | 'wasm'
}

export interface Stages {
  /** In the order in which they run. What they read of each other are `input` tensors. */
  stages: Stage[]
  /** Those of these inputs that are neither a new state (`nextName`) nor reported (`reportedName`). */
  handed: Record<string, Tensor>
}

/** The name under which a stage reads what an earlier one computed as the next state. */
export const nextName = (state: string): string => `next ${state}`

/** The name under which a stage outputs, and a later one reads, what the step reports. */
export const reportedName = (output: string): string => `output ${output}`

/** Cuts a step into stages. */
export function cutIntoStages<Outputs, State>(
  step: string,
  definition: StepDefinition<Outputs, State>,
): Stages
export function cutIntoStages(step: string, { updates, outputs, synchronous }: StepDefinition): Stages {
  if (synchronous) {
    // ONNX Runtime returns promises.
    const reported = Object.entries(outputs).map(([name, tensor]) => [reportedName(name), tensor])
    return {
      stages: [{ name: step, side: 'wasm', updates, outputs: Object.fromEntries(reported) }],
      handed: {},
    }
  }
  const { tensors, find } = schedule([...Object.values(updates), ...Object.values(outputs)])
  const found = (roots: Record<string, Tensor>) => new Set(Object.values(roots).map(find))
  const levels = levelsOf(tensors, found(updates), found(outputs))
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
