/** A step's graph as the plan sees it: what is computed by products, what in loops, and what is only a view. */
import type { StepDefinition } from '../../program.ts'
import { schedule } from '../../schedule.ts'
import type { Tensor } from '../../tensor.ts'
import { findProducts, isOuterProduct, type ProductKernel } from './kernels.ts'
import type { Buffer, ProgramBuffers } from './memory.ts'

/** Something that a step has to leave in fixed memory. */
export interface Root {
  readonly tensor: Tensor
  readonly buffer: Buffer
}

export interface StepGraph {
  readonly roots: readonly Root[]
  /** What is needed once products have taken in their neighbours, inputs before users. */
  readonly order: readonly Tensor[]
  readonly products: ReadonlyMap<Tensor, ProductKernel>
  readonly usersOf: (tensor: Tensor) => readonly Tensor[]
  /** What has to be there for a tensor to be computed. */
  readonly sourcesOf: (tensor: Tensor) => readonly Tensor[]
  readonly isLoopMember: (tensor: Tensor) => boolean
  /** Whether a kernel computes it: all but inputs, views and concatenations. */
  readonly isComputed: (tensor: Tensor) => boolean
}

/** Every operation that works element by element; cheap ones are computed again rather than stored and read. */
const CHEAP = ['add', 'sub', 'mul', 'neg', 'square', 'min', 'relu', 'isPositive', 'isAtMost', 'clamp', 'full']
const DEAR = ['div', 'exp', 'log', 'sqrt', 'tanh', 'sigmoid', 'softplus']
const elementwise = new Set([...CHEAP, ...DEAR])
export const cheap: ReadonlySet<string> = new Set(CHEAP)

export const isSum = (tensor: Tensor): boolean => tensor.operation === 'sum'

export const isView = ({ operation }: Tensor): boolean => operation === 'slice' || operation === 'reshape'

/** The tensor in whose memory a view's elements are. */
export const storageOf = (tensor: Tensor): Tensor => (isView(tensor) ? storageOf(tensor.inputs[0]) : tensor)

/** Analyses a step; `activations` are those that a product can apply to its sums. */
export function analyse(
  step: StepDefinition,
  fixed: ProgramBuffers,
  activations: readonly ('relu' | 'tanh')[],
): StepGraph {
  const named: [tensor: Tensor, buffer: Buffer][] = [
    ...Object.entries(step.updates).map(([name, tensor]) => [tensor, fixed.next[name]] as [Tensor, Buffer]),
    ...Object.entries(step.outputs).map(
      ([name, tensor]) => [tensor, fixed.outputs[name]] as [Tensor, Buffer],
    ),
  ]
  const { tensors, find } = schedule(named.map(([tensor]) => tensor))
  const roots = named.map(([tensor, buffer]) => ({ tensor: find(tensor), buffer }))
  const rootTensors = new Set(roots.map(({ tensor }) => tensor))
  const users = new Map<Tensor, Tensor[]>(tensors.map(tensor => [tensor, []]))
  for (const tensor of tensors) for (const x of tensor.inputs) users.get(x)!.push(tensor)
  // The tensors that the plan itself makes have none.
  const usersOf = (tensor: Tensor) => users.get(tensor) ?? []
  const usedOnlyBy = (tensor: Tensor, user: Tensor) =>
    !rootTensors.has(tensor) && usersOf(tensor).every(other => other === user)

  const products = findProducts(tensors, { usedOnlyBy, activations })
  const absorbed = new Set([...products.values()].filter(p => p.matmul !== p.result).map(p => p.matmul))
  const sourcesOf = (tensor: Tensor): readonly Tensor[] => {
    const product = products.get(tensor)
    return product ? [...product.matmul.inputs, ...(product.mask ? [product.mask] : [])] : tensor.inputs
  }
  const needed = new Set<Tensor>()
  const require = (tensor: Tensor): void => {
    if (needed.has(tensor)) return
    needed.add(tensor)
    sourcesOf(tensor).forEach(require)
  }
  rootTensors.forEach(require)

  /** Most constants are written into the code; those read by anything but loops are computed like other tensors. */
  const isStoredConstant = (tensor: Tensor) =>
    tensor.operation === 'constant' &&
    usersOf(tensor).some(user => !(elementwise.has(user.operation) || isSum(user)))
  const isLoopMember = (tensor: Tensor) =>
    !products.has(tensor) &&
    (elementwise.has(tensor.operation) || isSum(tensor) || isOuterProduct(tensor) || isStoredConstant(tensor))
  return {
    roots,
    order: tensors.filter(tensor => needed.has(tensor) && !absorbed.has(tensor)),
    products,
    usersOf,
    sourcesOf,
    isLoopMember,
    isComputed: tensor => products.has(tensor) || isLoopMember(tensor),
  }
}
