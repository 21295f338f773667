/** What rewards, endings and starts are made of. */
import type { Vector } from '../../env/env.ts'
import type { Random } from '../../random.ts'
import type { Range } from './mjcf.ts'

/** Sum of squares: the size of an action. */
export function sumOfSquares(values: Vector): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i]
  return sum
}

/** Whether a number lies within a range and not on its ends. */
export const within = (value: number, [low, high]: Range): boolean => low < value && value < high

/** Distance of two points, rows `a` and `b` of an array of positions. */
export function distance(positions: Float64Array, a: number, b: number): number {
  let sum = 0
  for (let i = 0; i < 3; i++) sum += (positions[3 * a + i] - positions[3 * b + i]) ** 2
  return Math.sqrt(sum)
}

/** Adds noise uniform in [-scale, scale) to each of the first `count` elements. */
export function addUniform(values: Float64Array, random: Random, scale: number, count = values.length): void {
  for (let i = 0; i < count; i++) values[i] += random.uniform(-scale, scale)
}

/** Adds normal noise of standard deviation `scale` to each element. */
export function addNormal(values: Float64Array, random: Random, scale: number): void {
  for (let i = 0; i < values.length; i++) values[i] += scale * random.normal()
}
