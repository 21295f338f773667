/**
 * exp, log, sin, cos and tanh that give the same bits in every JavaScript engine.
 *
 * ECMAScript leaves the results of `Math.exp` and its kin to the implementation, so a seeded run could
 * differ between Node and a browser. These use only `+ - * /`, comparisons and bits, which IEEE 754 fixes
 * exactly, and are within about 1 ulp of the true value (tanh: 2).
 *
 * The polynomials of exp, log, sin and cos are those of fdlibm:
 * Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunPro, a Sun Microsystems,
 * Inc. business. Permission to use, copy, modify, and distribute this software is freely granted, provided
 * that this notice is preserved. That of tanh is from the Cephes library by Stephen L. Moshier.
 */

const double = new Float64Array(1)
const words = new Int32Array(double.buffer)
double[0] = 1
/** Which of the two words holds sign and exponent: the second on little-endian machines. */
const HIGH = words[1] === 0 ? 0 : 1

/**
 * 2^(i - 1074): every power of two a double can be. A table, because a double put together from words is slow to
 * read back; made by doubling, because `**` too is left to the implementation.
 */
const powers = new Float64Array(2098)
powers[0] = Number.MIN_VALUE
for (let i = 1; i < powers.length; i++) powers[i] = 2 * powers[i - 1]
const powerOfTwo = (k: number) => powers[k + 1074]

/** ln 2 in two parts; `k * LN2_HIGH` is exact for any exponent k. */
const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10

/** e^x for any number: 0 below -745.13, `Infinity` above 709.78, NaN for NaN. */
export function exp(x: number): number {
  if (!(x <= 709.782712893384)) return x > 0 ? Infinity : x
  if (x < -745.1332191019411) return 0
  // e^x = 2^k e^r, |r| <= ln 2 / 2
  const k = Math.floor(1.4426950408889634 * x + 0.5)
  const high = x - k * LN2_HIGH
  const low = k * LN2_LOW
  const r = high - low
  const z = r * r
  const p =
    z *
    (0.16666666666666602 +
      z *
        (-0.0027777777777015593 +
          z * (6.613756321437934e-5 + z * (-1.6533902205465252e-6 + z * 4.1381367970572385e-8))))
  const c = r - p
  const y = 1 + ((r * c) / (2 - c) - low + high)
  if (k === 1024) return y * 2 * powerOfTwo(1023)
  // A subnormal result must be rounded once, so the last multiplication alone may leave the normal range.
  return k < -1021 ? y * powerOfTwo(k + 54) * powerOfTwo(-54) : y * powerOfTwo(k)
}

/** Natural logarithm of x >= 0: `-Infinity` at 0, NaN below. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN
  if (x === Infinity) return x
  // x = 2^k (1 + f), sqrt(1/2) <= 1 + f < sqrt(2)
  const subnormal = x < 2.2250738585072014e-308
  const normal = subnormal ? x * powerOfTwo(54) : x
  double[0] = normal
  const exponent = ((words[HIGH] + (0x3ff00000 - 0x3fe6a09e)) >> 20) - 1023
  const k = subnormal ? exponent - 54 : exponent
  const f = normal * powerOfTwo(-exponent) - 1
  const s = f / (2 + f)
  const z = s * s
  const w = z * z
  const odd =
    z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)))
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373))
  const halfSquare = 0.5 * f * f
  return s * (halfSquare + odd + even) + k * LN2_LOW - halfSquare + f + k * LN2_HIGH
}

/** Sine of x in radians: NaN for infinities. */
export function sin(x: number): number {
  if (x === 0) return x
  const quadrant = reduce(x)
  const y = quadrant & 1 ? cosKernel(remainder, remainderTail) : sinKernel(remainder, remainderTail)
  return quadrant & 2 ? -y : y
}

/** Cosine of x in radians: NaN for infinities. */
export function cos(x: number): number {
  const quadrant = reduce(x)
  const y = quadrant & 1 ? sinKernel(remainder, remainderTail) : cosKernel(remainder, remainderTail)
  return (quadrant + 1) & 2 ? -y : y
}

/** Hyperbolic tangent: -1 and 1 at the infinities. */
export function tanh(x: number): number {
  const magnitude = Math.abs(x)
  if (magnitude < 0.625) {
    if (x === 0) return x
    const z = x * x
    const p = (-0.9643991794250523 * z - 99.28772310019185) * z - 1614.6876844170845
    const q = ((z + 112.81167849163293) * z + 2235.4883906010045) * z + 4844.063053251255
    return x + x * z * (p / q)
  }
  const y = 1 - 2 / (exp(2 * magnitude) + 1)
  return x < 0 ? -y : y
}

/** What `reduce` leaves: x less a multiple of pi/2, as a sum of two numbers, at most pi/4 in magnitude. */
let remainder = 0
let remainderTail = 0

/** Subtracts the nearest multiple n of pi/2 from x; answers n modulo 4. */
function reduce(x: number): number {
  const magnitude = Math.abs(x)
  if (magnitude <= 0.7853981633974483) {
    remainder = x
    remainderTail = 0
    return 0
  }
  if (!(magnitude < 1647099)) return reduceLarge(x)
  // pi/2 in parts of 33 bits: times n < 2^20 each is exact, and so are the differences that cancel.
  const n = Math.floor(x * 0.6366197723675814 + 0.5)
  const first = x - n * 1.5707963267341256
  let w = n * 6.077100506303966e-11
  let r = first - w
  w = n * 2.0222662487959506e-21 - (first - r - w)
  remainder = r - w
  if (Math.abs(remainder) < magnitude * powerOfTwo(-49)) {
    const second = r
    w = n * 2.0222662487111665e-21
    r = second - w
    w = n * 8.4784276603689e-32 - (second - r - w)
    remainder = r - w
  }
  remainderTail = r - remainder - w
  return n & 3
}

/** The same for any larger x, in whole numbers: slow, but such angles are rare. */
function reduceLarge(x: number): number {
  if (!Number.isFinite(x)) {
    remainder = remainderTail = NaN
    return 0
  }
  // |x| = mantissa 2^exponent, exponent >= -32, as |x| >= 2^20
  double[0] = x
  const exponent = ((words[HIGH] >> 20) & 0x7ff) - 1075
  const mantissa = (BigInt((words[HIGH] & 0xfffff) | 0x100000) << 32n) | BigInt(words[1 - HIGH] >>> 0)
  halfPi ??= computeHalfPi()
  const value = mantissa << (HALF_PI_BITS + BigInt(exponent))
  let n = value / halfPi
  let rest = value - n * halfPi
  if (rest * 2n > halfPi) {
    n += 1n
    rest -= halfPi
  }
  // Number(BigInt) rounds correctly; scaled in two steps, as 2^-1200 alone is below the normal range.
  const kept = rest >> (HALF_PI_BITS - 240n)
  remainder = Number(kept) * powerOfTwo(-240)
  remainderTail = Number(kept - BigInt(Number(kept))) * powerOfTwo(-240)
  const quadrant = Number(n & 3n)
  if (x > 0) return quadrant
  remainder = -remainder
  remainderTail = -remainderTail
  return -quadrant & 3
}

/** Enough for the largest double (2^1024) with the closest any double comes to a multiple of pi/2 (2^-62). */
const HALF_PI_BITS = 1280n
let halfPi: bigint | undefined

/** pi/2 times 2^HALF_PI_BITS by Machin's formula: pi/4 = 4 atan(1/5) - atan(1/239). */
function computeHalfPi(): bigint {
  const guard = 32n
  const one = 1n << (HALF_PI_BITS + guard)
  const atanOfInverse = (m: bigint) => {
    let sum = 0n
    let power = one / m
    for (let i = 1n; power !== 0n; i += 2n) {
      sum += i % 4n === 1n ? power / i : -(power / i)
      power /= m * m
    }
    return sum
  }
  return (8n * atanOfInverse(5n) - 2n * atanOfInverse(239n)) >> guard
}

/** sin(x + tail) for |x| <= pi/4. */
function sinKernel(x: number, tail: number): number {
  const z = x * x
  const v = z * x
  const r =
    0.00833333333332249 +
    z * (-0.0001984126982985795 + z * 2.7557313707070068e-6) +
    z * z * z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10)
  return x - (z * (0.5 * tail - v * r) - tail - v * -0.16666666666666632)
}

/** cos(x + tail) for |x| <= pi/4. */
function cosKernel(x: number, tail: number): number {
  const z = x * x
  const w = z * z
  const r =
    z * (0.0416666666666666 + z * (-0.001388888888887411 + z * 2.480158728947673e-5)) +
    w * w * (-2.7557314351390663e-7 + z * (2.087572321298175e-9 + z * -1.1359647557788195e-11))
  const halfSquare = 0.5 * z
  const rounded = 1 - halfSquare
  return rounded + (1 - rounded - halfSquare + (z * r - x * tail))
}
