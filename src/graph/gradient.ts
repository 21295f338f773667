import { add, concat, constant, derivatives, full } from './operations.ts'
import { ancestors, formatShape, ShapeError, sizeOf, type Tensor } from './tensor.ts'

/**
 * Reverse-mode differentiation: tensors for the derivative of a scalar `loss` by each of `parameters`, in the
 * parameters' shapes. Only what leads from the loss to a parameter is differentiated; `stopGradient` cuts.
 *
 * @throws ShapeError if the loss is not one number.
 */
export function gradient(loss: Tensor, parameters: readonly Tensor[]): Tensor[] {
  if (sizeOf(loss.shape) !== 1) {
    throw new ShapeError(`gradient: the loss must be one number, but its shape is ${formatShape(loss.shape)}`)
  }
  const order = ancestors([loss])
  const leadsToParameter = new Set(parameters.map(p => p.id))
  for (const tensor of order) {
    if (derivatives[tensor.operation] && tensor.inputs.some(x => leadsToParameter.has(x.id))) {
      leadsToParameter.add(tensor.id)
    }
  }

  const contributions = new Map<number, Tensor[]>([[loss.id, [constant(1)]]])
  for (const y of order.reverse()) {
    const received = contributions.get(y.id)
    if (!received || !leadsToParameter.has(y.id)) continue
    const d = total(received)
    contributions.set(y.id, [d])
    const rules = derivatives[y.operation]
    if (!rules) continue // a parameter itself
    y.inputs.forEach((x, index) => {
      if (!leadsToParameter.has(x.id)) return
      const rule = rules[Math.min(index, rules.length - 1)]
      const list = contributions.get(x.id)
      const contribution = rule(d, y, index)
      if (list) list.push(contribution)
      else contributions.set(x.id, [contribution])
    })
  }
  return parameters.map(p => full(contributions.get(p.id)?.[0] ?? constant(0), p.shape))
}

/** Sum of all adjoints of one tensor. Slices that tile their source give back pads, whose sum is a concat. */
function total(adjoints: readonly Tensor[]): Tensor {
  return adjoints.length > 1 ? (joinPads(adjoints) ?? adjoints.reduce(add)) : adjoints[0]
}

function joinPads(adjoints: readonly Tensor[]): Tensor | undefined {
  const { axis } = adjoints[0].attributes
  if (!adjoints.every(x => x.operation === 'pad' && x.attributes.axis === axis)) return undefined
  const parts = [...adjoints].sort((a, b) => a.attributes.start! - b.attributes.start!)
  let position = 0
  for (const part of parts) {
    if (part.attributes.start !== position) return undefined
    position += part.inputs[0].shape[axis!]
  }
  if (position !== parts[0].shape[axis!]) return undefined
  return concat(
    parts.map(part => part.inputs[0]),
    axis!,
  )
}
