import { boundsOf } from '../../../src/env/action-space.ts'
import { actionAt } from '../../../src/env/discrete.ts'
import type { ActionSpace, Box, Discrete } from '../../../src/index.ts'
import { choicesOf } from './choices.ts'

/** A key, as `KeyboardEvent.key` names it, and what it does. */
export interface ControlKey {
  key: string
  does: string
}

/** How a person steers an environment by keys. */
export interface Controls {
  keys: ControlKey[]
  /**
   * What is done while keys are held, in the environment's units.
   * @param held in the order in which they were pressed
   * @param before what was done until now
   */
  actionFor(held: readonly string[], before: readonly number[] | undefined): number[]
}

/** For each number of an action the key that takes it to its lowest value, and that to its highest. */
const PAIRS = [
  ['ArrowLeft', 'ArrowRight'],
  ['ArrowDown', 'ArrowUp'],
  ['a', 'd'],
  ['s', 'w'],
  ['j', 'l'],
  ['k', 'i'],
  ['f', 'h'],
  ['g', 't'],
] as const

/** Which number of an action each pair moves, where it is not the one of the same place: the engine below goes up. */
const ORDERS: Record<string, readonly number[]> = { 'LunarLanderContinuous-v3': [1, 0] }

export const controlsFor = (id: string, space: ActionSpace): Controls =>
  space.kind === 'discrete' ? choiceControls(id, space) : numberControls(id, space)

function numberControls(id: string, space: Box): Controls {
  const { low, high } = boundsOf(space)
  const rest = low.map((least, i) => Math.min(high[i], Math.max(least, 0)))
  const order = ORDERS[id] ?? rest.map((_, i) => i)
  const moves = order.slice(0, PAIRS.length).flatMap((index, i) => {
    const name = order.length > 1 ? `action ${index + 1} ` : 'action '
    return [
      { key: PAIRS[i][0] as string, index, to: low[index], does: `${name}${signed(low[index])}` },
      { key: PAIRS[i][1] as string, index, to: high[index], does: `${name}${signed(high[index])}` },
    ]
  })
  return {
    keys: moves,
    actionFor(held) {
      const action = [...rest]
      for (const pressed of held) {
        const move = moves.find(({ key }) => key === pressed)
        if (move) action[move.index] = move.to
      }
      return action
    },
  }
}

const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(Number(value.toPrecision(3)))}`

const arrowKey = ([x, y]: readonly [number, number]) =>
  x < 0 ? 'ArrowLeft' : x > 0 ? 'ArrowRight' : y > 0 ? 'ArrowUp' : y < 0 ? 'ArrowDown' : undefined

/** A digit for each of the first ten choices, and arrow keys for those that push somewhere. */
function choiceControls(id: string, space: Discrete): Controls {
  const choices = choicesOf(id, space)
  const keys = choices.flatMap(({ name, arrow }, choice) => [
    ...(arrow && arrowKey(arrow) ? [{ key: arrowKey(arrow)!, does: name, choice }] : []),
    ...(choice < 10 ? [{ key: String(choice), does: name, choice }] : []),
  ])
  const rest = choices.findIndex(({ arrow }) => arrow?.every(x => x === 0))
  const action = (choice: number) => Array.from(actionAt(space, choice, new Float32Array(space.size)))
  return {
    keys,
    actionFor(held, before) {
      const last = keys.find(({ key }) => key === held.at(-1))
      if (last) return action(last.choice)
      // Where every choice does something, the last one stays.
      return rest >= 0 ? action(rest) : [...(before ?? action(0))]
    },
  }
}
