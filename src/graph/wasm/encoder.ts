/**
 * A small WebAssembly assembler.
 *
 * Code is a list of `[name, ...immediates]`; the module's bytes and its text form are both lowered from that one
 * list, so what the documentation shows is what runs. Expressions are pure values (lists of instructions that
 * leave one result on the stack) and nest like function calls; statements are appended to a function builder.
 */

export type ValueType = 'i32' | 'f32' | 'v128'

const typeCodes: Record<ValueType, number> = { i32: 0x7f, f32: 0x7d, v128: 0x7b }

/** Codes below 0x100 are single bytes; above that the high byte is a prefix, see {@link prefixes}. */
const opcodes = {
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

/** Prefix byte by the high byte of an opcode above. SIMD takes two: relaxed SIMD goes on where SIMD ends. */
const prefixes = [0, 0xfc, 0xfd, 0xfd, 0xfe]

export type Opcode = keyof typeof opcodes
export type Instruction = readonly [name: Opcode, ...immediates: number[]]
export type Code = readonly Instruction[]

const unsigned = (value: number): number[] =>
  value >>> 0 < 0x80 ? [value >>> 0] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]

const signed = (value: number): number[] =>
  value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)]

/** Array.flat() does the same, many times slower. */
const join = <T>(chunks: readonly (readonly T[])[]): T[] => {
  const joined: T[] = []
  for (const chunk of chunks) for (const item of chunk) joined.push(item)
  return joined
}

const vector = (items: readonly (readonly number[])[]): number[] => join([unsigned(items.length), ...items])

/** Names are ASCII here; loading a TextEncoder takes Node longer than all the rest. */
const name = (text: string): number[] => [
  ...unsigned(text.length),
  ...[...text].map(char => char.charCodeAt(0)),
]

const float = new Float32Array(1)
const floatBytes = new Uint8Array(float.buffer)

const isMemory = (name: string): boolean => /\.(load|store)|atomic/.test(name)

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
const encode = (out: number[], instruction: Instruction): void => {
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

/** A parameter or local variable of one function. */
export interface Local {
  readonly index: number
  readonly type: ValueType
  readonly name: string
}

/** A function that can be called: its index and, for the text form, its name. */
export interface FunctionReference {
  readonly index: number
  readonly name: string
  readonly parameters: readonly ValueType[]
  readonly results: readonly ValueType[]
}

/** An instruction applied to operand expressions; for instructions with immediates see the functions below. */
export const op = (name: Opcode, ...operands: Code[]): Code => {
  const code = join<Instruction>(operands)
  code.push([name])
  return code
}
export const i32 = (value: number): Code => [['i32.const', value | 0]]
export const f32 = (value: number): Code => [['f32.const', Math.fround(value)]]
/** Four equal floats. */
export const f32x4 = (value: number): Code => [['v128.const', ...Array<number>(4).fill(Math.fround(value))]]
/** Four equal 32-bit patterns. */
export const i32x4 = (bits: number): Code => [['i32.const', bits | 0], ['i32x4.splat']]
export const get = (local: Local): Code => [['local.get', local.index]]
export const tee = (local: Local, value: Code): Code => [...value, ['local.tee', local.index]]
/** A load from `address + offset`, the offset being free of charge. */
export const load = (name: Opcode, address: Code, offset = 0): Code => [...address, [name, offset]]
/** A store to `address + offset`; `lane` for the lane stores. */
export const store = (name: Opcode, address: Code, value: Code, offset = 0, ...lane: number[]): Code => [
  ...address,
  ...value,
  [name, offset, ...lane],
]
export const call = (callee: FunctionReference, ...operands: Code[]): Code =>
  join([...operands, [['call', callee.index]]])
/** The four 32-bit lanes picked by index from `a` (0..3) and `b` (4..7). */
export const shuffle = (a: Code, b: Code, ...lanes: number[]): Code => [
  ...a,
  ...b,
  ['i8x16.shuffle', ...lanes.flatMap(lane => [0, 1, 2, 3].map(byte => 4 * lane + byte))],
]
/** One lane of a vector as a scalar. */
export const lane = (value: Code, index: number): Code => [...value, ['f32x4.extract_lane', index]]

/** Writes one function: declares its locals and appends its statements in order. */
export class FunctionBuilder {
  readonly code: Instruction[] = []
  readonly locals: Local[] = []
  readonly #names = new Set<string>()

  constructor(parameters: Readonly<Record<string, ValueType>>) {
    for (const [name, type] of Object.entries(parameters)) this.local(type, name)
  }

  local(type: ValueType, name = type[0]!): Local {
    const index = this.locals.length
    const local = { index, type, name: this.#names.has(name) ? `${name}_${index}` : name }
    this.#names.add(local.name)
    this.locals.push(local)
    return local
  }

  /** Appends statements: instructions that leave the stack as they found it. */
  add(...statements: Code[]): void {
    for (const statement of statements) for (const instruction of statement) this.code.push(instruction)
  }

  set(local: Local, value: Code): void {
    this.add(value, [['local.set', local.index]])
  }

  /** A new local that holds the value from here on. */
  let(type: ValueType, value: Code, name?: string): Local {
    const local = this.local(type, name)
    this.set(local, value)
    return local
  }

  /** A local that holds the value of an expression: the one it is read from, if it is no more than that. */
  keep(type: ValueType, value: Code, name?: string): Local {
    const [instruction, more] = value
    const read = !more && instruction?.[0] === 'local.get' && this.locals[instruction[1]!]
    return read || this.let(type, value, name)
  }

  /** Adds to an i32 local: the step of pointers and counters. */
  increment(local: Local, by: Code): void {
    this.set(local, op('i32.add', get(local), by))
  }

  /** Runs the body once, and again as long as the condition holds afterwards. */
  doWhile(body: () => void, condition: () => Code): void {
    this.code.push(['loop'])
    body()
    this.add(condition(), [['br_if', 0], ['end']])
  }

  if(condition: Code, then: () => void, otherwise?: () => void): void {
    this.add(condition, [['if']])
    then()
    if (otherwise) {
      this.code.push(['else'])
      otherwise()
    }
    this.code.push(['end'])
  }

  while(condition: () => Code, body: () => void): void {
    this.if(condition(), () => this.doWhile(body, condition))
  }
}

interface FunctionDefinition extends FunctionReference {
  readonly builder: FunctionBuilder
  readonly exported: boolean
}

interface Import {
  readonly module: string
  readonly field: string
  readonly reference: FunctionReference
}

/** The memory a module imports; sizes in pages of 64 KiB. A shared memory needs its maximum. */
export interface MemoryImport {
  readonly module: string
  readonly field: string
  readonly pages: number
  readonly maximumPages?: number
  readonly shared?: boolean
}

const signatureBytes = ({ parameters, results }: FunctionReference): number[] => [
  0x60,
  ...vector(parameters.map(type => [typeCodes[type]])),
  ...vector(results.map(type => [typeCodes[type]])),
]

const section = (id: number, content: readonly number[]): number[] =>
  join([[id], unsigned(content.length), content])

/** Collects imports and functions, and lowers them to a binary module or to text. */
export class ModuleBuilder {
  readonly #imports: Import[] = []
  readonly #functions: FunctionDefinition[] = []
  #memory: MemoryImport | undefined

  importMemory(memory: MemoryImport): void {
    this.#memory = memory
  }

  /** Imported functions come first in the index space, so all of them must be declared before the first own one. */
  importFunction(
    module: string,
    field: string,
    parameters: readonly ValueType[],
    results: readonly ValueType[] = [],
  ): FunctionReference {
    if (this.#functions.length > 0) throw new Error('Imports must be declared before the first function')
    const reference = { index: this.#imports.length, name: `${module}.${field}`, parameters, results }
    this.#imports.push({ module, field, reference })
    return reference
  }

  /** Defines a function; `build` receives its builder and its parameters, by name, as locals. */
  function<Parameters extends Readonly<Record<string, ValueType>>>(
    name: string,
    parameters: Parameters,
    results: readonly ValueType[],
    build: (f: FunctionBuilder, parameters: { [Name in keyof Parameters]: Local }) => void,
    exported = false,
  ): FunctionReference {
    const builder = new FunctionBuilder(parameters)
    const locals = Object.fromEntries(builder.locals.map(local => [local.name, local]))
    const definition: FunctionDefinition = {
      index: this.#imports.length + this.#functions.length,
      name,
      parameters: Object.values(parameters),
      results,
      builder,
      exported,
    }
    this.#functions.push(definition)
    build(builder, locals as { [Name in keyof Parameters]: Local })
    return definition
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const signatures: number[][] = []
    const signatureIndices = new Map<string, number>()
    const signatureOf = (reference: FunctionReference): number => {
      const bytes = signatureBytes(reference)
      const known = signatureIndices.get(String(bytes))
      if (known !== undefined) return known
      signatureIndices.set(String(bytes), signatures.length)
      return signatures.push(bytes) - 1
    }
    const imports = this.#imports.map(({ module, field, reference }) => [
      ...name(module),
      ...name(field),
      0,
      ...unsigned(signatureOf(reference)),
    ])
    if (this.#memory) {
      const { module, field, pages, maximumPages, shared } = this.#memory
      const limits =
        maximumPages === undefined
          ? [0, ...unsigned(pages)]
          : [shared ? 3 : 1, ...unsigned(pages), ...unsigned(maximumPages)]
      imports.push([...name(module), ...name(field), 2, ...limits])
    }
    const declarations = this.#functions.map(definition => unsigned(signatureOf(definition)))
    const exports = this.#functions
      .filter(definition => definition.exported)
      .map(definition => [...name(definition.name), 0, ...unsigned(definition.index)])
    const bodies = this.#functions.map(({ builder, parameters }) => {
      const groups: { type: ValueType; count: number }[] = []
      for (const { type } of builder.locals.slice(parameters.length)) {
        const last = groups.at(-1)
        if (last?.type === type) last.count++
        else groups.push({ type, count: 1 })
      }
      const body = vector(groups.map(({ type, count }) => [...unsigned(count), typeCodes[type]]))
      for (const instruction of builder.code) encode(body, instruction)
      body.push(opcodes.end)
      return join([unsigned(body.length), body])
    })
    const functionNames = vector(
      [...this.#imports.map(({ reference }) => reference), ...this.#functions].map(reference => [
        ...unsigned(reference.index),
        ...name(reference.name),
      ]),
    )
    return new Uint8Array(
      join([
        [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
        section(1, vector(signatures)),
        section(2, vector(imports)),
        section(3, vector(declarations)),
        section(7, vector(exports)),
        section(10, vector(bodies)),
        // Function names, which profilers and stack traces show.
        section(0, [...name('name'), ...section(1, functionNames)]),
      ]),
    )
  }

  /** The module in WebAssembly text format, one instruction a line. */
  text(): string {
    const signature = ({ parameters, results }: FunctionReference): string =>
      [...parameters.map(type => ` (param ${type})`), ...results.map(type => ` (result ${type})`)].join('')
    const lines = ['(module']
    for (const { module, field, reference } of this.#imports) {
      lines.push(`  (import "${module}" "${field}" (func $${reference.name}${signature(reference)}))`)
    }
    if (this.#memory) {
      const { module, field, pages, maximumPages, shared } = this.#memory
      const limits = [pages, maximumPages, shared && 'shared'].filter(Boolean).join(' ')
      lines.push(`  (import "${module}" "${field}" (memory ${limits}))`)
    }
    const functionNames = [...this.#imports.map(({ reference }) => reference.name)]
    for (const definition of this.#functions) functionNames.push(definition.name)
    for (const { name, builder, parameters, results, exported } of this.#functions) {
      const declare = (keyword: string, locals: Local[]): string =>
        locals.map(local => ` (${keyword} $${local.name} ${local.type})`).join('')
      lines.push(
        `  (func $${name}${exported ? ` (export "${name}")` : ''}` +
          declare('param', builder.locals.slice(0, parameters.length)) +
          results.map(type => ` (result ${type})`).join(''),
      )
      const ownLocals = builder.locals.slice(parameters.length)
      if (ownLocals.length > 0) lines.push(`   ${declare('local', ownLocals)}`)
      let depth = 2
      for (const instruction of builder.code) {
        if (instruction[0] === 'end' || instruction[0] === 'else') depth--
        lines.push('  '.repeat(depth) + instructionText(instruction, builder.locals, functionNames))
        if (/^(block|loop|if|else)$/.test(instruction[0])) depth++
      }
      lines.push('  )')
    }
    return [...lines, ')', ''].join('\n')
  }
}

const instructionText = (
  [name, ...immediates]: Instruction,
  locals: readonly Local[],
  functionNames: readonly string[],
): string => {
  if (name.startsWith('local.')) return `${name} $${locals[immediates[0]!]!.name}`
  if (name === 'call') return `call $${functionNames[immediates[0]!]}`
  const number = (value: number): string =>
    Object.is(value, -0)
      ? '-0'
      : Number.isFinite(value)
        ? String(value)
        : Number.isNaN(value)
          ? 'nan'
          : value > 0
            ? 'inf'
            : '-inf'
  if (name === 'v128.const') return `${name} f32x4 ${immediates.map(number).join(' ')}`
  if (isMemory(name))
    return [name, immediates[0] && `offset=${immediates[0]}`, ...immediates.slice(1)]
      .filter(part => part !== 0)
      .join(' ')
  return [name, ...immediates.map(number)].join(' ')
}

/** Whether this platform's WebAssembly has an instruction, given operands for it; its result is dropped. */
const supports = (code: Code): boolean => {
  if (typeof WebAssembly === 'undefined') return false
  const module = new ModuleBuilder()
  module.function('test', {}, [], f => f.add(code, [['drop']]))
  return WebAssembly.validate(module.bytes())
}

export const supportsSimd = (): boolean => supports(op('f32x4.sqrt', f32x4(1)))
export const supportsRelaxedSimd = (): boolean =>
  supports(op('f32x4.relaxed_madd', f32x4(1), f32x4(1), f32x4(1)))
