import { ancestors, makeTensor, type Tensor } from './tensor.ts'

/** A graph put in order for a lowering. */
export interface Schedule {
  /** Every tensor that is needed, once, inputs before users. */
  tensors: Tensor[]
  /** The scheduled tensor that computes what `tensor` stands for. */
  find(tensor: Tensor): Tensor
}

/** Orders a graph, computes equal expressions once, and drops what only differentiation needs. */
export function schedule(outputs: readonly Tensor[]): Schedule {
  const byKey = new Map<string, Tensor>()
  const scheduled = new Map<number, Tensor>()
  const tensors: Tensor[] = []
  for (const tensor of ancestors(outputs)) {
    const inputs = tensor.inputs.map(x => scheduled.get(x.id)!)
    if (tensor.operation === 'stopGradient') {
      scheduled.set(tensor.id, inputs[0])
      continue
    }
    const key = JSON.stringify([tensor.operation, inputs.map(x => x.id), tensor.shape, tensor.attributes])
    let same = byKey.get(key)
    if (!same) {
      same = makeTensor(tensor.operation, inputs, tensor.shape, tensor.attributes)
      byKey.set(key, same)
      tensors.push(same)
    }
    scheduled.set(tensor.id, same)
  }
  return { tensors, find: tensor => scheduled.get(tensor.id)! }
}
