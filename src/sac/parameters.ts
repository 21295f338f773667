import type { NamedTensors } from '../encoding/safetensors.ts'
import {
  DEVIATION,
  MEAN_REMAINDER,
  meanParameters,
  normalizerIn,
  varianceParameter,
} from '../policy/normalizer.ts'
import { requireNumbers } from '../policy/parameter.ts'
import type { Learner } from './learner.ts'
import type { RunningStatistics } from './running-statistics.ts'
import { isTuned } from './temperature.ts'

/** What an agent has learned: the networks' parameters, and statistics if it normalises observations. */
interface Learned {
  learner: Learner
  statistics: RunningStatistics | undefined
}

/** A parameter and where it lies. */
interface Place {
  name: string
  shape: readonly number[]
  /** The values themselves: to read or to write. */
  values: Float32Array
}

/** The vectors of the state that hold what an agent has learned, and what the names of their parameters begin with. */
const LEARNED = {
  actor: '',
  critics: '',
  targets: 'target.',
  slowActor: 'target.',
  actorStatistics: '',
  criticsStatistics: '',
  logAlpha: '',
} as const

/** Parameters of target networks are named `target.critic1.kernel0` and so on. */
const networkPlaces = ({ layouts, program }: Learner): Place[] =>
  (Object.keys(LEARNED) as (keyof typeof LEARNED)[]).flatMap(name =>
    (layouts[name]?.slots ?? []).map(({ name: slot, shape, offset, size }) => {
      const values = program.state(name).subarray(offset, offset + size)
      return { name: LEARNED[name] + slot, shape, values }
    }),
  )

function statisticsPlaces(statistics: RunningStatistics): Place[] {
  const { mean, variance, count } = statistics.moments()
  const parameters = {
    ...meanParameters(mean),
    ...varianceParameter(variance),
    'normalizer.count': { shape: [1], data: Float32Array.of(count) },
  }
  return Object.entries(parameters).map(([name, { shape, data }]) => ({ name, shape, values: data }))
}

/** Copies of all parameters. */
export function exportParameters({ learner, statistics }: Learned): NamedTensors {
  const places = [...networkPlaces(learner), ...(statistics ? statisticsPlaces(statistics) : [])]
  return Object.fromEntries(places.map(({ name, shape, values }) => [name, { shape, data: values.slice() }]))
}

/**
 * The reverse of `exportParameters`.
 * @throws RangeError if a parameter is missing, of another shape, not finite or not one of this agent; nothing is
 * written then
 */
export function importParameters({ learner, statistics }: Learned, parameters: NamedTensors): void {
  const has = (name: string) => Object.hasOwn(parameters, name)
  // Those of the file may be of other magnitudes than this agent's.
  const spread = has(DEVIATION) ? DEVIATION : 'normalizer.variance'
  const named = (place: Place) =>
    ['normalizer.variance', DEVIATION].includes(place.name) ? { ...place, name: spread } : place
  const places = [...networkPlaces(learner), ...(statistics ? statisticsPlaces(statistics).map(named) : [])]
  for (const { name, shape } of places) {
    const given = has(name) ? parameters[name] : undefined
    // Files of earlier versions have none.
    if (!given && name === MEAN_REMAINDER) continue
    if (!given) throw new RangeError(`Parameter ${name} [${shape}] is missing.${aboutNormalizer(name)}`)
    if (given.shape?.join() !== shape.join()) {
      throw new RangeError(`Parameter ${name} is [${given.shape}]; this agent's is [${shape}].`)
    }
    requireNumbers(name, given)
    if (name === 'logAlpha' && isTuned(learner.config) && given.data[0] === -Infinity) {
      throw new RangeError(
        'Parameter logAlpha is -Infinity: a temperature that was kept at 0 cannot tune itself from there.',
      )
    }
  }
  // A network with more layers may have others of fitting shapes.
  const known = new Set(places.map(({ name }) => name))
  const surplus = Object.keys(parameters).find(name => !known.has(name))
  if (surplus) {
    throw new RangeError(`Parameter ${surplus} does not belong to this agent.${aboutNormalizer(surplus)}`)
  }

  const moments = statistics && {
    ...normalizerIn(parameters, learner.config.observationSize)!,
    count: parameters['normalizer.count'].data[0],
  }
  if (moments && !(moments.count >= 0)) {
    throw new RangeError(`Parameter normalizer.count is ${moments.count}, not at least 0.`)
  }
  for (const { name, values } of networkPlaces(learner)) values.set(parameters[name].data)
  if (moments) statistics.takeOver(moments)
}

const aboutNormalizer = (name: string) =>
  name.startsWith('normalizer.') ? ' Set normalizeObservations as the agent had it that they are from.' : ''
