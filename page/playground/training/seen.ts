import { codeSize } from '../../../src/env/action-space.ts'
import { createRandom, type SAC } from '../../../src/index.ts'

/** A state of the replay buffer, in the environment's units. */
export interface Seen {
  observation: number[]
  /** What the step from there earned. */
  reward: number
  /** How many steps ago, 0 for the newest. */
  age: number
}

/** So that looking changes nothing in the agent. */
const looking = createRandom(0, 'looking at the replay buffer')

/** States that were seen, drawn from the replay buffer with equal chances; none while it is empty. */
export function seenBy(agent: SAC, count: number): Seen[] {
  const { replay, observationSpace, actionSpace, statistics } = agent
  if (replay.size === 0) return []
  const n = observationSpace.size
  const size = (width: number) => new Float32Array(count * width)
  const batch = {
    observation: size(n),
    nextObservation: size(n),
    action: size(codeSize(actionSpace)),
    reward: size(1),
    discount: size(1),
  }
  // The first number that is drawn for a row is the place of its transition, the oldest of each lane first.
  const places: number[] = []
  const noted = {
    ...looking,
    integer(bound: number) {
      const drawn = looking.integer(bound)
      places.push(drawn)
      return drawn
    },
  }
  const first = Array.from({ length: count }, (_, row) => {
    places.length = 0
    replay.sample(noted, batch, 1, row)
    return places[0]
  })
  const inLane = Math.ceil(replay.size / replay.lanes)
  // Observations that are normalised are stored less an origin, which is minus what becomes of 0.
  const shift = statistics?.centre(new Float32Array(n), new Float32Array(n))
  return Array.from(batch.reward, (reward, row) => ({
    observation: Array.from(
      batch.observation.subarray(row * n, (row + 1) * n),
      (x, j) => x - (shift?.[j] ?? 0),
    ),
    reward,
    age: inLane - 1 - (first[row] % inLane),
  }))
}
