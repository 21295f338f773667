import { log } from './portable-math.ts'

/** Everything a random stream is: four whole 32-bit numbers, fit for JSON. */
export type RandomState = [number, number, number, number]

/** 2^-32 */
const UNIT = 1 / 4294967296

/** A stream of random numbers; the same numbers in every JavaScript engine. */
export interface Random {
  /** A whole number, uniform in [0, 2^32). */
  uint32(): number
  /** Uniform in [low, high), in 2^32 steps; [0, 1) by default. */
  uniform(low?: number, high?: number): number
  /** A whole number, uniform in [0, n) without bias, for a whole n in [1, 2^32]; RangeError otherwise. */
  integer(n: number): number
  /** Standard normal: mean 0, variance 1, at most 6.34 in magnitude. */
  normal(): number
  /** Fills `out` with standard normal numbers, the same as from as many calls of `normal`. Returns `out`. */
  fillNormal(out: Float32Array): Float32Array
  /** Fills `out` with numbers uniform in [low, high], high itself only by rounding to float32. Returns `out`. */
  fillUniform(out: Float32Array, low: number, high: number): Float32Array
  /** A copy of the state, to continue from later. */
  state(): RandomState
  /** Continues from a state. Throws if it is not one. */
  restore(state: RandomState): void
}

/**
 * A stream of random numbers, sfc32 of Chris Doty-Humphrey (PractRand).
 *
 * One seed splits into independent streams by name, so that drawing more from one never shifts another.
 * The package itself draws from `environment`, `exploration`, `replay`, `updates`, `initial weights` and `recording`.
 *
 * @param seed a whole number in [0, 2^32)
 * @param stream any name; without one it is 'environment', as those have a stream of their own
 * @throws RangeError if the seed is not such a number
 * @example
 * const random = createRandom(1, 'exploration')
 * random.normal()
 */
export function createRandom(seed: number, stream = 'environment'): Random {
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new RangeError(`seed is ${seed}: it must be a whole number from 0 to 4294967295`)
  }
  // An Int32Array rather than variables: engines box 32-bit variables captured by closures on every write.
  const s = Int32Array.of(seed, hash(stream, 0x811c9dc5), hash(stream, 0x9e3779b9), 1)

  function int32(): number {
    const sum = (s[0] + s[1] + s[3]) | 0
    s[3] += 1
    s[0] = s[1] ^ (s[1] >>> 9)
    s[1] = s[2] + (s[2] << 3)
    s[2] = ((s[2] << 21) | (s[2] >>> 11)) + sum
    return sum
  }

  // Until seed and name have spread over the whole state.
  for (let i = 0; i < 20; i++) int32()

  const random: Random = {
    uint32: () => int32() >>> 0,
    uniform: (low = 0, high = 1) => low + (high - low) * ((int32() >>> 0) * UNIT),
    integer(n) {
      if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) {
        throw new RangeError(`integer(${n}) takes a whole number from 1 to 4294967296`)
      }
      if (n === 1) return 0
      const mask = 0xffffffff >>> Math.clz32(n - 1)
      for (;;) {
        const candidate = (int32() & mask) >>> 0
        if (candidate < n) return candidate
      }
    },
    normal: () => inverseNormal(int32()),
    fillNormal(out) {
      for (let i = 0; i < out.length; i++) out[i] = inverseNormal(int32())
      return out
    },
    fillUniform(out, low, high) {
      for (let i = 0; i < out.length; i++) out[i] = low + (high - low) * ((int32() >>> 0) * UNIT)
      return out
    },
    state: () => [s[0] >>> 0, s[1] >>> 0, s[2] >>> 0, s[3] >>> 0],
    restore(state) {
      const isUint32 = (x: unknown) => Number.isInteger(x) && (x as number) >= 0 && (x as number) < 2 ** 32
      if (!Array.isArray(state) || state.length !== 4 || !state.every(isUint32)) {
        throw new TypeError(
          `a random state is four whole numbers below 2^32, as state() returns, not ${JSON.stringify(state)}`,
        )
      }
      s.set(state)
    },
  }
  return random
}

/** FNV-1a over UTF-16 code units. */
function hash(text: string, basis: number): number {
  let h = basis
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h
}

/**
 * The normal number below which a share p = (u + 1/2) / 2^32 lies, u the 32 bits taken as unsigned: algorithm
 * AS 241 (PPND16) of Wichura, 1988. Inversion, because it takes one uniform number each and no sin or cos. The
 * published branch for p < 1.4e-11 is left out, because p is never below 2^-33.
 */
function inverseNormal(bits: number): number {
  const q = ((bits >>> 0) + 0.5) * UNIT - 0.5
  return q >= -0.425 && q <= 0.425 ? centre(q) : tail(q)
}

/** For q = p - 1/2 up to 0.425. Separate from `tail` so that engines inline it. */
function centre(q: number): number {
  const r = 0.180625 - q * q
  const numerator =
    ((((((2509.0809287301227 * r + 33430.57558358813) * r + 67265.7709270087) * r + 45921.95393154987) * r +
      13731.69376550946) *
      r +
      1971.5909503065513) *
      r +
      133.14166789178438) *
      r +
    3.3871328727963665
  const denominator =
    ((((((5226.495278852854 * r + 28729.085735721943) * r + 39307.89580009271) * r + 21213.794301586597) * r +
      5394.196021424751) *
      r +
      687.1870074920579) *
      r +
      42.31333070160091) *
      r +
    1
  return (q * numerator) / denominator
}

/** For all other p. */
function tail(q: number): number {
  const r = Math.sqrt(-log(q < 0 ? q + 0.5 : 0.5 - q)) - 1.6
  const numerator =
    ((((((0.0007745450142783414 * r + 0.022723844989269184) * r + 0.2417807251774506) * r +
      1.2704582524523684) *
      r +
      3.6478483247632045) *
      r +
      5.769497221460691) *
      r +
      4.630337846156546) *
      r +
    1.4234371107496835
  const denominator =
    ((((((1.0507500716444169e-9 * r + 0.0005475938084995345) * r + 0.015198666563616457) * r +
      0.14810397642748008) *
      r +
      0.6897673349851) *
      r +
      1.6763848301838038) *
      r +
      2.053191626637759) *
      r +
    1
  const magnitude = numerator / denominator
  return q < 0 ? -magnitude : magnitude
}
