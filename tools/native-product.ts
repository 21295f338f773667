/** What the native product must compute, by the definition, and comparing it with what an add-on computes. */

export interface NativeAddon {
  readonly instructionSets: readonly string[]
  bind(memory: Uint8Array, instructionSet?: string): (block: number) => void
}

/** One product, C [m, n] = op(A) op(B), and how it lies in memory. */
export interface NativeCase {
  readonly transposeA: boolean
  readonly transposeB: boolean
  readonly m: number
  readonly n: number
  readonly k: number
  readonly bias: boolean
  readonly relu: boolean
  readonly mask: boolean
  readonly scratch: boolean
  /** Floats between the rows of A, B, C and the mask. */
  readonly gaps: readonly [number, number, number, number]
  readonly seed: number
  /** Where operands begin, in floats past a multiple of 16. */
  readonly shift: number
}

const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)

/**
 * x y + z of float32 numbers, rounded once. The product is exact in a double; the sum is made odd in its last bit
 * where it is not exact (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008), so that the
 * second rounding sees on which side of a tie it lies.
 */
export function fusedMultiplyAdd(x: number, y: number, z: number): number {
  const product = x * y
  const sum = product + z
  const part = sum - product
  const error = product - (sum - part) + (z - part)
  if (error === 0 || !Number.isFinite(sum)) return Math.fround(sum)
  double[0] = sum
  if (words[0]! % 2 === 0) {
    if (error > 0 === sum > 0) words[0]! += 1
    else {
      if (words[0] === 0) words[1]! -= 1
      words[0]! -= 1
    }
  }
  return Math.fround(double[0])
}

/** Where the operands of a case lie, in floats from the beginning of the memory, and its block's words. */
export function layOut({
  transposeA,
  transposeB,
  m,
  n,
  k,
  bias,
  relu,
  mask,
  scratch,
  gaps,
  shift,
}: NativeCase) {
  let end = 16
  const room = (size: number): number => {
    const at = end + shift
    end = 16 * Math.ceil((at + size) / 16)
    return at
  }
  const strides = {
    a: (transposeA ? m : k) + gaps[0],
    b: (transposeB ? k : n) + gaps[1],
    c: n + gaps[2],
    mask: n + gaps[3],
  }
  const at = {
    a: room((transposeA ? k : m) * strides.a),
    b: room((transposeB ? n : k) * strides.b),
    c: room(m * strides.c),
    bias: room(n),
    mask: room(m * strides.mask),
    scratch: room(272 * m),
  }
  const flags = (transposeA ? 1 : 0) | (transposeB ? 2 : 0) | (relu ? 4 : 0)
  const words = [flags, m, n, k, 4 * at.a, strides.a, 4 * at.b, strides.b, 4 * at.c, strides.c]
  words.push(bias ? 4 * at.bias : 0, mask ? 4 * at.mask : 0, strides.mask)
  words.push(scratch && !transposeA ? 4 * at.scratch : 0)
  return { at, strides, words, end }
}

export type NativeLayout = ReturnType<typeof layOut>

const UNTOUCHED = 12345

/**
 * Writes a case into memory: its block at address 0, and operands of mixed size, among them zeros of both signs,
 * numbers too small to be normal, and some so large that sums overflow.
 */
export function prepare(memory: ArrayBufferLike, given: NativeCase): NativeLayout {
  const floats = new Float32Array(memory)
  const layout = layOut(given)
  let state = given.seed | 1
  const random = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  for (let i = 0; i < layout.end; i++) {
    const size = random()
    const value = 2 * random() - 1
    floats[i] = size < 0.03 ? value * 0 : size < 0.05 ? value * 1e-40 : size < 0.055 ? value * 3e38 : value
  }
  floats.fill(UNTOUCHED, layout.at.c, layout.at.bias)
  new Int32Array(memory).set(layout.words)
  return layout
}

/** What lies in memory once a prepared case is computed, by the definition; without the scratch. */
export function expectedMemory(
  memory: ArrayBufferLike,
  given: NativeCase,
  layout: NativeLayout,
): Float32Array {
  const { transposeA, transposeB, m, n, k, bias, relu, mask } = given
  const { at, strides } = layout
  const floats = new Float32Array(memory).slice(0, at.scratch)
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0
      for (let l = 0; l < k; l++) {
        const x = floats[at.a + (transposeA ? l * strides.a + i : i * strides.a + l)]!
        const y = floats[at.b + (transposeB ? j * strides.b + l : l * strides.b + j)]!
        sum = fusedMultiplyAdd(x, y, sum)
      }
      if (bias) sum = Math.fround(sum + floats[at.bias + j]!)
      if (relu && sum < 0) sum = 0
      if (mask && !(floats[at.mask + i * strides.mask + j]! > 0)) sum = 0
      floats[at.c + i * strides.c + j] = sum
    }
  }
  return floats
}

/** Has an add-on compute a case, and says where the memory differs from what it should be, if anywhere. */
export function difference(
  addon: NativeAddon,
  instructionSet: string,
  memory: ArrayBufferLike,
  given: NativeCase,
): string | undefined {
  const layout = prepare(memory, given)
  const expected = expectedMemory(memory, given, layout)
  addon.bind(new Uint8Array(memory), instructionSet)(0)
  const found = new Float32Array(memory)
  const first = layout.words.length
  const index = expected.findIndex((value, i) => i >= first && !Object.is(value, found[i]))
  if (index < 0) return undefined
  const { at, strides } = layout
  const place =
    index >= at.c && index < at.bias
      ? `C[${Math.floor((index - at.c) / strides.c)}, ${(index - at.c) % strides.c}]`
      : `float ${index}`
  return `${place} is ${found[index]}, not ${expected[index]}, for ${JSON.stringify(given)}`
}
