/** The instructions in use: their names, what an instruction is in a list of code, and its bytes. */

/** Codes below 0x100 are single bytes; above that the high byte is a prefix, see {@link prefixes}. */
export const opcodes = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  br_if: 0x0d,
  return: 0x0f,
  call: 0x10,
  drop: 0x1a,
  select: 0x1b,
  'local.get': 0x20,
  'local.set': 0x21,
  'local.tee': 0x22,
  'i32.load': 0x28,
  'f32.load': 0x2a,
  'i32.store': 0x36,
  'f32.store': 0x38,
  'i32.const': 0x41,
  'i64.const': 0x42,
  'f32.const': 0x43,
  'i32.eqz': 0x45,
  'i32.eq': 0x46,
  'i32.ne': 0x47,
  'i32.lt_s': 0x48,
  'i32.lt_u': 0x49,
  'i32.gt_s': 0x4a,
  'i32.gt_u': 0x4b,
  'i32.le_s': 0x4c,
  'i32.le_u': 0x4d,
  'i32.ge_s': 0x4e,
  'i32.ge_u': 0x4f,
  'i32.add': 0x6a,
  'i32.sub': 0x6b,
  'i32.mul': 0x6c,
  'i32.div_s': 0x6d,
  'i32.div_u': 0x6e,
  'i32.rem_u': 0x70,
  'i32.and': 0x71,
  'i32.or': 0x72,
  'i32.xor': 0x73,
  'i32.shl': 0x74,
  'i32.shr_s': 0x75,
  'i32.shr_u': 0x76,
  'f32.sqrt': 0x91,
  'f32.add': 0x92,
  'f32.sub': 0x93,
  'f32.mul': 0x94,
  'f32.div': 0x95,
  'memory.copy': 0x10a,
  'memory.fill': 0x10b,
  'v128.load': 0x200,
  'v128.load32_splat': 0x209,
  'v128.store': 0x20b,
  'v128.const': 0x20c,
  'i8x16.shuffle': 0x20d,
  'i32x4.splat': 0x211,
  'f32x4.splat': 0x213,
  'i32x4.extract_lane': 0x21b,
  'f32x4.extract_lane': 0x21f,
  'f32x4.eq': 0x241,
  'f32x4.ne': 0x242,
  'f32x4.lt': 0x243,
  'f32x4.gt': 0x244,
  'f32x4.le': 0x245,
  'f32x4.ge': 0x246,
  'v128.not': 0x24d,
  'v128.and': 0x24e,
  'v128.andnot': 0x24f,
  'v128.or': 0x250,
  'v128.xor': 0x251,
  'v128.bitselect': 0x252,
  'v128.any_true': 0x253,
  'v128.store32_lane': 0x25a,
  'v128.store64_lane': 0x25b,
  'v128.load32_zero': 0x25c,
  'v128.load64_zero': 0x25d,
  'f32x4.nearest': 0x26a,
  'i32x4.shl': 0x2ab,
  'i32x4.shr_s': 0x2ac,
  'i32x4.shr_u': 0x2ad,
  'i32x4.add': 0x2ae,
  'i32x4.sub': 0x2b1,
  'i32x4.mul': 0x2b5,
  'f32x4.abs': 0x2e0,
  'f32x4.neg': 0x2e1,
  'f32x4.sqrt': 0x2e3,
  'f32x4.add': 0x2e4,
  'f32x4.sub': 0x2e5,
  'f32x4.mul': 0x2e6,
  'f32x4.div': 0x2e7,
  'f32x4.min': 0x2e8,
  'f32x4.max': 0x2e9,
  'f32x4.pmin': 0x2ea,
  'f32x4.pmax': 0x2eb,
  'f32x4.convert_i32x4_s': 0x2fa,
  'f32x4.relaxed_madd': 0x305,
  'memory.atomic.notify': 0x400,
  'memory.atomic.wait32': 0x401,
  'i32.atomic.load': 0x410,
  'i32.atomic.store': 0x417,
  'i32.atomic.rmw.add': 0x41e,
} as const

/** Prefix byte by the high byte of an opcode above. SIMD takes two: relaxed SIMD continues where SIMD ends. */
const prefixes = [0, 0xfc, 0xfd, 0xfd, 0xfe]

export type Opcode = keyof typeof opcodes
export type Instruction = readonly [name: Opcode, ...immediates: number[]]
export type Code = readonly Instruction[]

/** LEB128, seven bits a byte: all integers of a module are written so. */
export const unsigned = (value: number): number[] =>
  value >>> 0 < 0x80 ? [value >>> 0] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]

const signed = (value: number): number[] =>
  value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)]

/** Array.flat() does the same, many times slower. */
export const join = <T>(chunks: readonly (readonly T[])[]): T[] => {
  const joined: T[] = []
  for (const chunk of chunks) for (const item of chunk) joined.push(item)
  return joined
}

const float = new Float32Array(1)
const floatBytes = new Uint8Array(float.buffer)

/** Whether an instruction accesses memory, at an address plus an offset. */
export const isMemory = (name: string): boolean => /\.(load|store)|atomic/.test(name)

/** log2 of the bytes accessed: a hint to engines for plain accesses, mandatory for atomics. */
const alignment = (name: string): number => (/^v128\.(load|store)$/.test(name) ? 4 : /64/.test(name) ? 3 : 2)

/** By instruction: its opcode, with all that always follows it, and how its immediates are written. */
const encodings = Object.fromEntries(
  Object.entries(opcodes).map(([name, code]) => {
    const prefix = prefixes[code >> 8]
    const opcode = code >= 0x300 && code < 0x400 ? code - 0x200 : code & 0xff
    const head = prefix ? [prefix, ...unsigned(opcode)] : [opcode]
    if (isMemory(name)) head.push(alignment(name))
    // These name a type of block (none) or memories (the first).
    if (/^(block|loop|if)$/.test(name)) head.push(0x40)
    if (name.startsWith('memory.') && !isMemory(name)) head.push(...(name === 'memory.copy' ? [0, 0] : [0]))
    const kind = /^(f32|v128)\.const/.test(name) ? 'floats' : /const|shuffle/.test(name) ? name : 'unsigned'
    return [name, { head, kind }]
  }),
)

/** Appends an instruction's bytes; this runs often enough to be worth its loops. */
export const encode = (out: number[], instruction: Instruction): void => {
  const { head, kind } = encodings[instruction[0]]!
  for (const byte of head) out.push(byte)
  for (let index = 1; index < instruction.length; index++) {
    const value = instruction[index] as number
    if (kind === 'floats') {
      float[0] = value
      for (const byte of floatBytes) out.push(byte)
    } else if (kind === 'i8x16.shuffle' || (value >= 0 && value < 0x40)) out.push(value)
    else for (const byte of kind === 'unsigned' ? unsigned(value) : signed(value)) out.push(byte)
  }
}
