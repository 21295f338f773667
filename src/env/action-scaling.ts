import type { Vector } from './env.ts'
import type { Box } from './spaces.ts'

/**
 * Maps an action from the environment's units to [-1, 1]: the bounds of `space` to -1 and 1, linearly.
 *
 * Nothing is clipped, so an action outside its bounds comes out beyond -1 or 1.
 *
 * @param space bounds of the action, finite
 * @param action `space.size` numbers
 * @param out receives the result; may be `action` itself
 * @returns `out`
 */
export function toUnitAction(
  space: Box,
  action: Vector,
  out: Float32Array = new Float32Array(space.size),
): Float32Array {
  for (let i = 0; i < space.size; i++) {
    const centre = (space.high[i] + space.low[i]) / 2
    const halfWidth = (space.high[i] - space.low[i]) / 2
    out[i] = (action[i] - centre) / halfWidth
  }
  return out
}

/**
 * Maps an action from [-1, 1] to the environment's units, the inverse of `toUnitAction`. Nothing is clipped.
 *
 * @param space bounds of the action, finite
 * @param action `space.size` numbers
 * @param out receives the result; may be `action` itself
 * @returns `out`
 */
export function fromUnitAction(
  space: Box,
  action: Vector,
  out: Float32Array = new Float32Array(space.size),
): Float32Array {
  for (let i = 0; i < space.size; i++) {
    const centre = (space.high[i] + space.low[i]) / 2
    const halfWidth = (space.high[i] - space.low[i]) / 2
    out[i] = centre + halfWidth * action[i]
  }
  return out
}

/** What `fromUnitAction` adds and multiplies by, as vectors: action = centre + halfWidth * unit action. */
export const centreAndHalfWidth = ({
  low,
  high,
}: Box): { centre: Float32Array; halfWidth: Float32Array } => ({
  centre: low.map((_, i) => (high[i] + low[i]) / 2),
  halfWidth: low.map((_, i) => (high[i] - low[i]) / 2),
})
