import type { NamedTensors } from '../encoding/safetensors.ts'
import type { ParameterLayout } from '../nn/parameters.ts'
import type { Learner } from './learner.ts'
import { actorLayout, criticsLayout } from './networks.ts'
import type { RunningStatistics } from './running-statistics.ts'

/** What an agent has learned: the networks' parameters, and statistics if it normalises observations. */
interface Learned {
  learner: Learner
  statistics: RunningStatistics | undefined
}

/** A parameter and where it stands. */
interface Place {
  name: string
  shape: readonly number[]
  /** The values themselves: to read or to write. */
  values: Float32Array
}

/** Target critics are named `target.critic1.kernel0` and so on. */
function networkPlaces({ config, program }: Learner): Place[] {
  const critics = criticsLayout(config)
  const logAlpha = { slots: [{ name: 'logAlpha', shape: [1], offset: 0, size: 1 }], size: 1 }
  const groups: [state: string, layout: ParameterLayout, prefix: string][] = [
    ['actor', actorLayout(config), ''],
    ['critics', critics, ''],
    ['targets', critics, 'target.'],
    ['logAlpha', logAlpha, ''],
  ]
  return groups.flatMap(([state, { slots }, prefix]) =>
    slots.map(({ name, shape, offset, size }) => {
      return { name: prefix + name, shape, values: program.state(state).subarray(offset, offset + size) }
    }),
  )
}

function statisticsPlaces({ count, normalizer: { mean, variance } }: RunningStatistics): Place[] {
  const shape = [mean.length]
  return [
    { name: 'normalizer.mean', shape, values: mean.slice() },
    { name: 'normalizer.variance', shape, values: variance.slice() },
    { name: 'normalizer.count', shape: [1], values: Float32Array.of(count) },
  ]
}

/** Copies of all parameters. */
export function exportParameters({ learner, statistics }: Learned): NamedTensors {
  const places = [...networkPlaces(learner), ...(statistics ? statisticsPlaces(statistics) : [])]
  return Object.fromEntries(places.map(({ name, shape, values }) => [name, { shape, data: values.slice() }]))
}

/**
 * The reverse of `exportParameters`.
 * @throws RangeError if a parameter is missing, of another shape or not one of this agent; nothing is written then
 */
export function importParameters({ learner, statistics }: Learned, parameters: NamedTensors): void {
  const kept = statistics ? statisticsPlaces(statistics) : []
  const places = [...networkPlaces(learner), ...kept]
  for (const { name, shape } of places) {
    const given = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    if (!given) throw new RangeError(`Parameter ${name} [${shape}] is missing.${aboutNormalizer(name)}`)
    if (given.shape.join() !== shape.join()) {
      throw new RangeError(`Parameter ${name} is [${given.shape}]; this agent's is [${shape}].`)
    }
  }
  // A network with more layers may have others of fitting shapes.
  const known = new Set(places.map(({ name }) => name))
  const surplus = Object.keys(parameters).find(name => !known.has(name))
  if (surplus) {
    throw new RangeError(`Parameter ${surplus} has no place in this agent.${aboutNormalizer(surplus)}`)
  }

  for (const { name, values } of places) values.set(parameters[name].data)
  if (!statistics) return
  const [mean, variance, [count]] = kept.map(({ values }) => [...values])
  statistics.restore({ count, mean, squares: variance.map(value => value * count) })
}

const aboutNormalizer = (name: string) =>
  name.startsWith('normalizer.') ? ' Set normalizeObservations as the agent had it that they are from.' : ''
