import { boundsOf } from './action-space.ts'
import type { Vector } from './env.ts'
import { faultOf, isFiniteFloat32 } from './require.ts'
import { type ActionSpace, firstOutside } from './spaces.ts'

/**
 * Throws if an action that somebody else took cannot have been taken in this space. Its length is checked elsewhere.
 * @param what names it in the error, as in "action[1] is 3, outside its bounds"
 * @throws RangeError naming the element and its value
 */
export function requireWithin(what: string, space: ActionSpace, action: Vector | undefined): void {
  if (action?.length !== space.size) return
  const i = firstOutside(space, action)
  if (i === -1) return
  const value: unknown = action[i]
  if (!isFiniteFloat32(value)) throw new RangeError(`${what}[${i}] is ${faultOf(value)}`)
  const { low, high } = boundsOf(space)
  const fault = space.kind === 'box' ? 'outside its bounds' : 'none of the whole numbers between'
  throw new RangeError(
    `${what}[${i}] is ${value}, ${fault}, ${low[i]} and ${high[i]}: actions must be in the environment's units`,
  )
}
