import type { NamedTensors } from '../encoding/safetensors.ts'
import { faultOf, isFiniteFloat32 } from '../env/require.ts'

/**
 * The numbers of one parameter of a policy, row-major.
 * @throws RangeError if it is missing, has another shape, or one of its numbers is none or not finite
 */
export function parameterIn(parameters: NamedTensors, name: string, shape: readonly number[]): Float32Array {
  const given = Object.hasOwn(parameters, name) ? parameters[name] : undefined
  if (given?.shape.join() !== shape.join()) {
    const found = given ? `is [${given.shape}]` : 'is missing'
    throw new RangeError(`Parameter ${name} ${found}; this policy's is [${shape}].`)
  }
  requireNumbers(name, given)
  return given.data
}

/**
 * Throws unless a parameter has as many numbers as its shape says, all of them finite.
 * @throws RangeError naming the parameter, the index in it and the value there
 */
export function requireNumbers(name: string, { shape, data }: NamedTensors[string]): void {
  const size = shape.reduce((product, extent) => product * extent, 1)
  if (data?.length !== size) {
    throw new RangeError(
      `Parameter ${name} has ${data?.length ?? 'no'} numbers, not the ${size} of its shape.`,
    )
  }
  const at = firstUnsound(name, data)
  if (at !== -1)
    throw new RangeError(`Parameter ${name} is damaged: its number ${at} is ${faultOf(data[at])}.`)
}

/**
 * Index of the first value of a parameter that no network can compute with; -1 if there is none. The logarithm of a
 * temperature that is fixed at 0 is minus infinity.
 */
export function firstUnsound(name: string, values: ArrayLike<number>): number {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (isFiniteFloat32(value)) continue
    if (name === 'logAlpha' && value === -Infinity) continue
    return i
  }
  return -1
}
