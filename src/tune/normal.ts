/** Probabilities of the standard normal distribution, to about 1e-15 of themselves near 0 and 1e-12 in the tails. */
import { exp } from '../portable-math.ts'

/** Half of ln 2 pi. */
export const LOG_ROOT_TWO_PI = 0.9189385332046728

/** Up to here a series converges quickly, from here on a continued fraction. */
const TURN = 2.5
const FRACTIONS = 80

const density = (z: number) => exp(-(z * z) / 2 - LOG_ROOT_TWO_PI)

/** P(a < Z < b) for a <= b; never a difference of two numbers close to 1. */
export function normalMass(a: number, b: number): number {
  // Rounding may leave less than nothing of a narrow interval.
  if (a > 0) return Math.max(0, tail(a) - tail(b))
  if (b < 0) return Math.max(0, tail(-b) - tail(-a))
  return centre(b) + centre(-a)
}

/** P(0 < Z < z) for z >= 0. */
const centre = (z: number) => (z < TURN ? series(z) : 0.5 - fraction(z))

/** P(Z > z) for z >= 0. */
const tail = (z: number) => (z < TURN ? 0.5 - series(z) : fraction(z))

/** The density times z + z^3 / 3 + z^5 / (3 5) + ... */
function series(z: number): number {
  let term = z
  let sum = z
  for (let k = 3; term > 1e-17 * sum; k += 2) {
    term *= (z * z) / k
    sum += term
  }
  return density(z) * sum
}

/** Laplace's continued fraction, the density / (z + 1 / (z + 2 / (z + 3 / ...))). */
function fraction(z: number): number {
  let value = z
  for (let k = FRACTIONS; k >= 1; k--) value = z + k / value
  return density(z) / value
}
