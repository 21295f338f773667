import type { NamedTensors } from '../encoding/safetensors.ts'
import type { ParameterLayout } from '../nn/parameters.ts'
import type { Learner } from './learner.ts'
import { actorLayout, criticsLayout } from './networks.ts'

/** Each group of parameters: the state vector it stands in, and how it is laid out and named there. */
function groups({ config }: Learner): [state: string, layout: ParameterLayout, prefix: string][] {
  const critics = criticsLayout(config)
  const logAlpha = { slots: [{ name: 'logAlpha', shape: [1], offset: 0, size: 1 }], size: 1 }
  return [
    ['actor', actorLayout(config), ''],
    ['critics', critics, ''],
    ['targets', critics, 'target.'],
    ['logAlpha', logAlpha, ''],
  ]
}

/** Copies of all parameters; target critics are named `target.critic1.kernel0` and so on. */
export function exportParameters(learner: Learner): NamedTensors {
  return Object.fromEntries(
    groups(learner).flatMap(([state, { slots }, prefix]) =>
      slots.map(({ name, shape, offset, size }) => [
        prefix + name,
        { shape, data: learner.program.state(state).slice(offset, offset + size) },
      ]),
    ),
  )
}

/** The reverse of `exportParameters`. Nothing is written if anything does not fit. */
export function importParameters(learner: Learner, parameters: NamedTensors): void {
  const copies: (() => void)[] = []
  const surplus = new Set(Object.keys(parameters))
  for (const [state, { slots }, prefix] of groups(learner)) {
    for (const { name, shape, offset, size } of slots) {
      const given = parameters[prefix + name]
      surplus.delete(prefix + name)
      if (!given) throw new RangeError(`Parameter ${prefix}${name} [${shape}] is missing.`)
      if (given.shape.join() !== shape.join() || given.data.length !== size) {
        throw new RangeError(`Parameter ${prefix}${name} is [${given.shape}]; this agent's is [${shape}].`)
      }
      copies.push(() => learner.program.state(state).set(given.data, offset))
    }
  }
  // A network with more layers may have others of fitting shapes.
  if (surplus.size > 0) throw new RangeError(`Parameter ${[...surplus][0]} has no place in this agent.`)
  for (const copy of copies) copy()
}
