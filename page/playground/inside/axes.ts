import type { Axis } from '../training/maps.ts'
import type { About } from '../training/run.ts'

/** An axis of a map with its name. */
export interface NamedAxis extends Axis {
  name: string
}

const NAMES: Record<string, string[]> = {
  'MountainCarContinuous-v0': ['position', 'velocity'],
  'LunarLanderContinuous-v3': [
    'x',
    'y',
    'velocity x',
    'velocity y',
    'angle',
    'angular velocity',
    'left leg',
    'right leg',
  ],
}

/** The axes that a map may have in an environment; Pendulum's angle is observed as cosine and sine. */
export function axesOf(
  id: string,
  { observationSpace }: About,
  seen: readonly { observation: number[] }[],
): NamedAxis[] {
  if (id === 'Pendulum-v1') {
    return [
      { name: 'angle from upright, rad', index: 0, angle: true, low: -Math.PI, high: Math.PI },
      { name: 'velocity, rad/s', index: 2, low: -8, high: 8 },
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
