/** When each tensor of a step is computed and by which engine: `cutIntoStages` cuts by this. */
import { sizeOf, type Tensor } from '../tensor.ts'

/** Number of elements from which a vector is worth handing from ONNX Runtime to WebAssembly. */
const LONG = 16_384

const isLong = ({ shape }: Tensor): boolean => shape.at(-1)! >= LONG && shape.at(-1) === sizeOf(shape)

/** The operations that loops take over: on long vectors, they are those of the optimisers. */
const ELEMENTWISE = new Set(['add', 'sub', 'mul', 'div', 'min', 'neg', 'square', 'sqrt', 'clamp', 'full'])

/** Views, which both engines read in place. */
export const isView = ({ operation }: Tensor): boolean => operation === 'slice' || operation === 'reshape'
const isGiven = ({ operation }: Tensor): boolean => operation === 'input' || operation === 'constant'

/**
 * The stage of each tensor: even ones are ONNX Runtime's, odd ones WebAssembly's. It is negative for what every stage
 * that needs it computes itself: inputs, their parts, and what a loop computes from these alone.
 * @param tensors inputs before users
 * @param updates those of them that become state
 * @param outputs those that the step reports
 */
export function levelsOf(
  tensors: readonly Tensor[],
  updates: ReadonlySet<Tensor>,
  outputs: ReadonlySet<Tensor>,
): Map<Tensor, number> {
  const levels = earliestLevels(tensors, updates)
  postpone(tensors, levels, outputs)
  return levels
}

/** Puts every tensor as early as its inputs allow, except for endings. */
function earliestLevels(tensors: readonly Tensor[], updates: ReadonlySet<Tensor>): Map<Tensor, number> {
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
  const readElsewhere = new Set<Tensor>()
  const wanted = new Set(updates)
  for (const tensor of tensors.toReversed()) {
    const canEnd = sizeOf(tensor.shape) === 1 && ELEMENTWISE.has(tensor.operation)
    const ends = canEnd && wanted.has(tensor) && !readElsewhere.has(tensor)
    if (ends) endings.add(tensor)
    for (const x of tensor.inputs) (ends ? wanted : readElsewhere).add(x)
  }
  return endings
}

/**
 * Moves what ONNX Runtime computes to the last of its stages that serves all readers: the actor on the present
 * observation to where the actor learns. The reason is that outputs of a model cost time, even preallocated ones:
 * onnxruntime-node makes an additional copy of each.
 * @param reported what the step reports; it stays where it is, unless a later part of the step reads it
 */
function postpone(
  tensors: readonly Tensor[],
  levels: Map<Tensor, number>,
  reported: ReadonlySet<Tensor>,
): void {
  const isOnnx = (level: number) => level >= 0 && level % 2 === 0
  const last = Math.max(0, ...[...levels.values()].filter(isOnnx))
  /** The last level whose results reach all readers in time. */
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
