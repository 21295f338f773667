/**
 * exp, log, tanh, sigmoid and softplus on vectors of four float32.
 *
 * Only operations that IEEE 754 defines to the last bit are used, so every machine gets the same results; they
 * are within 2 ulp of the exact ones everywhere, infinities and subnormal numbers included. Each function here
 * appends its code to a function builder and returns an expression for the result.
 *
 * The polynomials are minimax fits of the relative error, made for these ranges and rounded to float32.
 */
import {
  type FunctionBuilder,
  type FunctionReference,
  f32x4,
  get,
  i32,
  i32x4,
  type Local,
  op,
} from '../assembler/function-builder.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'
import type { Code } from '../assembler/opcodes.ts'

const add = (a: Code, b: Code): Code => op('f32x4.add', a, b)
const sub = (a: Code, b: Code): Code => op('f32x4.sub', a, b)
const mul = (a: Code, b: Code): Code => op('f32x4.mul', a, b)
const div = (a: Code, b: Code): Code => op('f32x4.div', a, b)
const abs = (x: Code): Code => op('f32x4.abs', x)
const and = (a: Code, b: Code): Code => op('v128.and', a, b)
const choose = (condition: Code, yes: Code, no: Code): Code => op('v128.bitselect', yes, no, condition)
const shift = (name: 'i32x4.shl' | 'i32x4.shr_s' | 'i32x4.shr_u', x: Code, by: number): Code => [
  ...x,
  ...i32(by),
  [name],
]

/** x < limit ? limit : x, and the same from above. These let NaN through. */
const atLeast = (x: Code, limit: number): Code => op('f32x4.pmax', x, f32x4(limit))
const atMost = (x: Code, limit: number): Code => op('f32x4.pmin', x, f32x4(limit))

/** Coefficients from the constant term on; `x` must be free of side effects. */
const polynomial = (x: Code, coefficients: readonly number[]): Code =>
  coefficients
    .slice(0, -1)
    .reduceRight((sum, coefficient) => add(mul(sum, x), f32x4(coefficient)), f32x4(coefficients.at(-1)!))

/** log 2 as a sum: the first part has so few bits that its multiples by exponents are exact. */
const log2High = 0.693359375
const log2Low = -2.1219444e-4

/** Adding 1.5 * 2^23 rounds to an integer, which then sits in the low bits of the sum. */
const roundingBias = 12582912
const roundingBiasBits = 0x4b400000

/** (e^x - 1 - x) / x^2 for |x| <= log(2) / 2. */
const expCoefficients = [0.49999994, 0.166665167, 0.0416681059, 0.00836914033, 0.00138367445]

/** (log(1 + x) - x + x^2 / 2) / x^3 for -1/4 <= x <= 1/2. */
const logCoefficients = [
  0.333333403, -0.250001639, 0.199996054, -0.166552961, 0.142762378, -0.127277762, 0.117006682, -0.0911621824,
  0.0376731381,
]

/** (tanh(x) - x) / x^3 as a function of x^2, for |x| <= 5/8. */
const tanhCoefficients = [-0.333332837, 0.133314833, -0.0537427738, 0.0206480622, -0.00571406353]

/**
 * e^x = 2^n e^r. Where the argument is known to stay within `normal` range (|x| < 87), 2^n is a float and one
 * product scales; else two halves of n do it, so that subnormal results are rounded once, by the last product.
 */
function scaledExp(f: FunctionBuilder, argument: Code, normal: boolean): Code {
  const x = f.keep('v128', argument, 'x')
  const biased = f.let('v128', add(mul(get(x), f32x4(1.4426950408889634)), f32x4(roundingBias)))
  const n = f.let('v128', sub(get(biased), f32x4(roundingBias)), 'n')
  const r = f.let('v128', sub(sub(get(x), mul(get(n), f32x4(log2High))), mul(get(n), f32x4(log2Low))), 'r')
  const q = polynomial(get(r), expCoefficients)
  const y = add(add(mul(mul(get(r), get(r)), q), get(r)), f32x4(1))
  /** 2^k for integers k; the bias is added after the shift, which drops all but the low bits. */
  const power = (k: Code): Code => op('i32x4.add', shift('i32x4.shl', k, 23), i32x4(0x3f800000))
  if (normal) return mul(y, power(get(biased)))
  const k = f.let('v128', op('i32x4.sub', get(biased), i32x4(roundingBiasBits)), 'k')
  const half = f.let('v128', shift('i32x4.shr_s', get(k), 1), 'half')
  return mul(mul(y, power(get(half))), power(op('i32x4.sub', get(k), get(half))))
}

/** Beyond the limits, e^x is zero or infinite anyway. */
export const exp = (f: FunctionBuilder, x: Code): Code => scaledExp(f, atMost(atLeast(x, -104), 89), false)

/** e^-|x|, between 0 and 1. */
const expOfNegative = (f: FunctionBuilder, x: Local): Code =>
  scaledExp(f, atLeast(op('f32x4.neg', abs(get(x))), -104), false)

/** log(1 + x) + e log 2 for -1/4 <= x <= 1/2 and integers e. */
function logOfSmall(f: FunctionBuilder, x: Local, e: Local): Code {
  const square = f.let('v128', mul(get(x), get(x)))
  const cubic = mul(mul(polynomial(get(x), logCoefficients), get(x)), get(square))
  const rest = sub(add(cubic, mul(get(e), f32x4(log2Low))), mul(get(square), f32x4(0.5)))
  return add(add(rest, get(x)), mul(get(e), f32x4(log2High)))
}

export function log(f: FunctionBuilder, argument: Code): Code {
  const x = f.keep('v128', argument, 'x')
  // Subnormal numbers are made normal first.
  const tiny = f.let('v128', op('f32x4.lt', get(x), f32x4(2 ** -126)), 'tiny')
  const scaled = choose(get(tiny), mul(get(x), f32x4(2 ** 23)), get(x))
  // Subtracting the bits of 3/4 leaves the exponent of x in [3/4, 3/2) 2^e, and its place in this interval.
  const bits = f.let('v128', op('i32x4.sub', scaled, i32x4(0x3f400000)), 'bits')
  const exponent = op('f32x4.convert_i32x4_s', shift('i32x4.shr_s', get(bits), 23))
  const e = f.let('v128', sub(exponent, and(get(tiny), f32x4(23))), 'e')
  const mantissa = op('i32x4.add', and(get(bits), i32x4(0x007fffff)), i32x4(0x3f400000))
  const small = f.let('v128', sub(mantissa, f32x4(1)), 'small')
  const ordinary = f.let('v128', op('f32x4.gt', get(x), f32x4(0)), 'ordinary')
  const finite = op('f32x4.lt', get(x), f32x4(Number.POSITIVE_INFINITY))
  // The square root has just what is left: NaN for negative numbers and NaN, infinity for infinity.
  const zero = and(op('f32x4.eq', get(x), f32x4(0)), f32x4(Number.NEGATIVE_INFINITY))
  const special = add(op('f32x4.sqrt', get(x)), zero)
  return choose(and(get(ordinary), finite), logOfSmall(f, small, e), special)
}

/** log(1 + e^x) = max(x, 0) + log(1 + y) with y = e^-|x|, where 1 + y need not be formed (and rounded). */
export function softplus(f: FunctionBuilder, argument: Code): Code {
  const x = f.keep('v128', argument, 'x')
  const y = f.let('v128', expOfNegative(f, x), 'y')
  const large = f.let('v128', op('f32x4.ge', get(y), f32x4(0.5)), 'large')
  // 1 + y = 2 (1 + (y - 1) / 2), and y - 1 is exact for these y.
  const halved = mul(sub(get(y), f32x4(1)), f32x4(0.5))
  const small = f.let('v128', choose(get(large), halved, get(y)), 'small')
  const e = f.let('v128', and(get(large), f32x4(1)), 'e')
  return add(logOfSmall(f, small, e), atLeast(get(x), 0))
}

/** 1 / (1 + e^-x), as y / (1 + y) with y = e^x where x is negative: nothing overflows. */
export function sigmoid(f: FunctionBuilder, argument: Code): Code {
  const x = f.keep('v128', argument, 'x')
  const y = f.let('v128', expOfNegative(f, x), 'y')
  const numerator = choose(op('f32x4.lt', get(x), f32x4(0)), get(y), f32x4(1))
  return div(numerator, add(get(y), f32x4(1)))
}

/** A polynomial around zero, 1 - 2 / (e^2x + 1) elsewhere; 1 from 9.02 on. */
export function tanh(f: FunctionBuilder, argument: Code): Code {
  const x = f.keep('v128', argument, 'x')
  const size = f.let('v128', atMost(abs(get(x)), 10), 'size')
  const square = f.let('v128', mul(get(size), get(size)), 'square')
  const cubic = mul(mul(polynomial(get(square), tanhCoefficients), get(square)), get(size))
  const near = f.let('v128', add(cubic, get(size)), 'near')
  const far = sub(f32x4(1), div(f32x4(2), add(scaledExp(f, add(get(size), get(size)), true), f32x4(1))))
  const either = choose(op('f32x4.lt', get(size), f32x4(0.625)), get(near), far)
  return op('v128.or', either, and(get(x), i32x4(0x80000000)))
}

/** Defines one of the functions above as a WebAssembly function from vector to vector. */
export const defineVectorFunction = (
  module: ModuleBuilder,
  name: string,
  body: (f: FunctionBuilder, x: Code) => Code,
): FunctionReference => module.function(name, { x: 'v128' }, ['v128'], (f, { x }) => f.add(body(f, get(x))))
