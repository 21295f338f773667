import type { Axis } from '../training/maps.ts'
import type { About } from '../training/run.ts'

/** An axis of a map with its name. */
export interface NamedAxis extends Axis {
  name: string
}

const CAR = ['position', 'velocity']
const LANDER = ['x', 'y', 'velocity x', 'velocity y', 'angle', 'angular velocity', 'left leg', 'right leg']

const NAMES: Record<string, string[]> = {
  'MountainCarContinuous-v0': CAR,
  'MountainCar-v0': CAR,
  'LunarLanderContinuous-v3': LANDER,
  'LunarLander-v3': LANDER,
  'CartPole-v1': ['position, m', 'velocity, m/s', 'angle of the pole, rad', 'angular velocity, rad/s'],
}

/** What says most, where it is not the first two: the pole of CartPole, and whether it is upright and how fast it falls. */
const FIRST_CHOICE: Record<string, readonly [number, number]> = { 'CartPole-v1': [2, 3] }

/** Which two of `axesOf` a map begins with. */
export const firstAxesOf = (id: string): readonly [number, number] => FIRST_CHOICE[id] ?? [0, 1]

/** The axes that a map may have in an environment; angles that are observed as cosine and sine are one axis each. */
export function axesOf(
  id: string,
  { observationSpace }: About,
  seen: readonly { observation: number[] }[],
): NamedAxis[] {
  const angle = (name: string, index: number) => ({
    name,
    index,
    angle: true,
    low: -Math.PI,
    high: Math.PI,
  })
  if (id === 'Pendulum-v1') {
    return [angle('angle from upright, rad', 0), { name: 'velocity, rad/s', index: 2, low: -8, high: 8 }]
  }
  if (id === 'Acrobot-v1') {
    return [
      angle('angle from hanging, rad', 0),
      angle('angle of the second link, rad', 2),
      { name: 'velocity, rad/s', index: 4, low: -4 * Math.PI, high: 4 * Math.PI },
      { name: 'velocity of the second link, rad/s', index: 5, low: -9 * Math.PI, high: 9 * Math.PI },
    ]
  }
  return Array.from(observationSpace.low, (low, index) => {
    const values = seen.map(({ observation }) => observation[index])
    const name = NAMES[id]?.[index] ?? `observation ${index}`
    // What was seen says more than bounds, which may be infinite.
    const [least, most] =
      values.length > 0 ? [Math.min(...values), Math.max(...values)] : [low, observationSpace.high[index]]
    const [from, to] = [Number.isFinite(least) ? least : -1, Number.isFinite(most) ? most : 1]
    return { name, index, low: from, high: to > from ? to : from + 1 }
  })
}

/** Where an observation is along an axis. */
export const along = ({ index, angle }: Axis, observation: readonly number[]): number =>
  angle ? Math.atan2(observation[index + 1], observation[index]) : observation[index]

/** An observation at a place of the map. */
export function placed(
  base: readonly number[],
  axes: readonly [Axis, Axis],
  at: readonly [number, number],
): number[] {
  const observation = [...base]
  for (const [i, axis] of axes.entries()) {
    if (axis.angle) {
      observation[axis.index] = Math.cos(at[i])
      observation[axis.index + 1] = Math.sin(at[i])
    } else observation[axis.index] = at[i]
  }
  return observation
}
