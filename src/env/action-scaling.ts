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
 * Maps an action from [-1, 1] to the environment's units, the inverse of `toUnitAction`: -1 and 1 to the bounds exactly,
 * and nothing between them past a bound by rounding. What is beyond -1 or 1 is not clipped.
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
    out[i] = fromUnit(space.low[i], space.high[i], action[i])
  }
  return out
}

function fromUnit(low: number, high: number, unit: number): number {
  if (unit === 1) return high
  if (unit === -1) return low
  const value = (high + low) / 2 + ((high - low) / 2) * unit
  return Math.abs(unit) < 1 ? Math.min(Math.max(value, low), high) : value
}

/**
 * Numbers that do the same in float32: action = centre + halfWidth * unit action, then limited to the bounds.
 * Half widths are rounded up, so that -1 and 1 reach the bounds in spite of what was rounded off the centre.
 */
export function centreAndHalfWidth({ low, high }: Box): { centre: Float32Array; halfWidth: Float32Array } {
  const centre = low.map((_, i) => (high[i] + low[i]) / 2)
  return {
    centre,
    halfWidth: low.map((_, i) => roundUp(Math.max(high[i] - centre[i], centre[i] - low[i]))),
  }
}

/** The least float32 that is not below a positive number. */
function roundUp(value: number): number {
  const bits = new Uint32Array(1)
  const rounded = new Float32Array(bits.buffer)
  rounded[0] = value
  if (rounded[0] < value) bits[0]++
  return rounded[0]
}

/** Throws unless all bounds of an action are finite, and each lower one below the upper. */
export function requireBounded({ low, high, size }: Box): void {
  for (let i = 0; i < size; i++) {
    if (Number.isFinite(low[i]) && Number.isFinite(high[i]) && low[i] < high[i]) continue
    throw new RangeError(
      `Action ${i} ranges from ${low[i]} to ${high[i]}; Soft Actor-Critic needs finite bounds with low < high. ` +
        'Give the action space the range that your actuator really has.',
    )
  }
}
