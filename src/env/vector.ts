import type { Vector } from './env.ts'

/**
 * Throws unless `vector` is `size` numbers that stay finite in float32 (up to 3.4e38 in magnitude).
 * @throws RangeError naming `what`, the element and its value
 */
export function requireVector(what: string, vector: Vector | undefined, size: number): void {
  if (vector?.length !== size) {
    throw new RangeError(`the ${what} has ${vector?.length ?? 'no'} elements, not ${size}`)
  }
  for (let i = 0; i < size; i++) {
    if (!Number.isFinite(Math.fround(vector[i])))
      throw new RangeError(`${what}[${i}] is ${vector[i]}, not finite`)
  }
}

/** Throws unless a number stays finite in float32. */
export function requireFiniteNumber(what: string, value: number): void {
  if (!Number.isFinite(Math.fround(value)))
    throw new RangeError(`the ${what} is ${value}, not a finite number`)
}
