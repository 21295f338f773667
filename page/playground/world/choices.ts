import type { Discrete } from '../../../src/index.ts'

/** One of the actions of a discrete space, for people. */
export interface ChoiceAbout {
  name: string
  /** Where it pushes in the picture; [0, 0] for one that does nothing, missing where there is no such direction. */
  arrow?: readonly [x: number, y: number]
}

const LEFT = [-1, 0] as const
const RIGHT = [1, 0] as const
const REST = [0, 0] as const

const KNOWN: Record<string, readonly ChoiceAbout[]> = {
  'CartPole-v1': [
    { name: 'push left', arrow: LEFT },
    { name: 'push right', arrow: RIGHT },
  ],
  'Acrobot-v1': [
    { name: 'torque −1', arrow: LEFT },
    { name: 'no torque', arrow: REST },
    { name: 'torque +1', arrow: RIGHT },
  ],
  'MountainCar-v0': [
    { name: 'drive left', arrow: LEFT },
    { name: 'roll', arrow: REST },
    { name: 'drive right', arrow: RIGHT },
  ],
  'LunarLander-v3': [
    { name: 'no engine', arrow: REST },
    { name: 'push left', arrow: LEFT },
    { name: 'main engine', arrow: [0, 1] },
    { name: 'push right', arrow: RIGHT },
  ],
}

/** What the actions of an environment are called; those of one that is not known here by their numbers. */
export const choicesOf = (id: string, { n }: Discrete): readonly ChoiceAbout[] =>
  KNOWN[id] ?? Array.from({ length: n }, (_, i) => ({ name: `action ${i}` }))
