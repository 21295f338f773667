import type { NamedTensors } from '../encoding/safetensors.ts'
import { isFiniteFloat32 } from '../env/require.ts'
import type { ParameterLayout } from '../nn/parameters.ts'
import type { Learner } from './learner.ts'
import { actorLayout, criticsLayout } from './networks.ts'
import type { RunningStatistics, RunningStatisticsState } from './running-statistics.ts'

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
 * @throws RangeError if a parameter is missing, of another shape, not one of this agent, or damaged; nothing is
 *   written then
 */
export function importParameters({ learner, statistics }: Learned, parameters: NamedTensors): void {
  const kept = statistics ? statisticsPlaces(statistics) : []
  const places = [...networkPlaces(learner), ...kept]
  for (const { name, shape, values } of places) {
    const given = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    if (!given) throw new RangeError(`Parameter ${name} [${shape}] is missing.${aboutNormalizer(name)}`)
    if (given.shape?.join() !== shape.join()) {
      throw new RangeError(`Parameter ${name} is [${given.shape}]; this agent's is [${shape}].`)
    }
    requireValues(name, given.data, values.length)
  }
  // A network with more layers may have others of fitting shapes.
  const known = new Set(places.map(({ name }) => name))
  const surplus = Object.keys(parameters).find(name => !known.has(name))
  if (surplus) {
    throw new RangeError(`Parameter ${surplus} has no place in this agent.${aboutNormalizer(surplus)}`)
  }

  const learned = statistics && statisticsFrom(parameters)
  if (learned) statistics.requireState(learned)
  for (const { name, values } of networkPlaces(learner)) values.set(parameters[name].data)
  if (learned) statistics.restore(learned)
}

function statisticsFrom(parameters: NamedTensors): RunningStatisticsState {
  const [mean, variance, [count]] = ['mean', 'variance', 'count'].map(name => [
    ...parameters[`normalizer.${name}`].data,
  ])
  return { count, mean, squares: variance.map(value => value * count) }
}

/** @throws RangeError unless these are so many numbers that are finite in float32 */
function requireValues(name: string, values: ArrayLike<number> | undefined, length: number): void {
  if (values?.length !== length) {
    throw new RangeError(
      `Parameter ${name} has ${values?.length ?? 'no'} numbers, not the ${length} of its shape.`,
    )
  }
  const fault = firstUnsound(name, values)
  if (fault !== -1) {
    throw new RangeError(`Parameter ${name} is damaged: its number ${fault} is ${values[fault]}, not finite.`)
  }
}

/**
 * Index of the first value of a parameter that no network can compute with; -1 if there is none. The logarithm of a
 * temperature that is fixed at 0 is minus infinity.
 */
export function firstUnsound(name: string, values: ArrayLike<number>): number {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (isFiniteFloat32(value)) continue
    if (name === 'logAlpha' && value === -Infinity) continue
    return i
  }
  return -1
}

const aboutNormalizer = (name: string) =>
  name.startsWith('normalizer.') ? ' Set normalizeObservations as the agent had it that they are from.' : ''
