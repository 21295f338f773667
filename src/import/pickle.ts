/**
 * Python's pickle format, as far as saved tensors and numbers need it (protocols 2 to 5,
 * https://docs.python.org/3/library/pickle.html and the comments in Python's Lib/pickletools.py).
 *
 * A pickle is a program for a stack machine, and in Python that program may call anything. Here it can call only the
 * functions handed to `readPickle`; calls of names that are `inert` are recorded, not made; and anything else it
 * names is refused. Nothing of it is ever executed.
 */
import { ModelFileError } from './model-file-error.ts'

/** What a pickle may reach. */
export interface PickleContext {
  /** The functions and classes it may name, as `module name`: each from arguments to result. */
  globals: Record<string, (args: readonly unknown[]) => unknown>
  /** Further names that it may contain: calling one gives a PickleObject. By default none. */
  inert?: (name: string) => boolean
  /** A value that is outside the pickle, from the key the pickle has for it. */
  persistent(key: unknown): unknown
}

/** A function or class that a pickle names. */
export class PickleGlobal {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** A call that Python would make, and the state it would give to the result. */
export class PickleObject {
  readonly callee: string
  readonly args: readonly unknown[]
  state: unknown
  constructor(callee: string, args: readonly unknown[]) {
    this.callee = callee
    this.args = args
  }
}

/** Where a group of items begins on the stack. */
const MARK = Symbol('mark')

/** An agent's tables take some hundreds; each may cost a hundred times the memory of the byte that it is. */
const MOST_OPERATIONS = 100_000

/**
 * The value of a pickle: dictionaries are maps; tuples, lists and sets are arrays; bytes are Uint8Arrays.
 *
 * @param what the pickle, for messages
 * @throws ModelFileError for opcodes and globals that are not known here, and for bytes that are cut off or damaged
 */
export function readPickle(bytes: Uint8Array, what: string, context: PickleContext): unknown {
  return readNextPickle(bytes, 0, what, context).value
}

/** The value of the pickle that begins at byte `begin`, and where it ends: one file may hold several. */
export function readNextPickle(
  bytes: Uint8Array,
  begin: number,
  what: string,
  { globals, inert = () => false, persistent }: PickleContext,
): { value: unknown; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const stack: unknown[] = []
  const memo = new Map<number, unknown>()
  let offset = begin

  const damaged = (reason: string) =>
    new ModelFileError(`${what} is damaged before byte ${offset}: ${reason}.`)
  /** Moves on by `size` bytes; returns where they begin. */
  function skip(size: number): number {
    if (size > bytes.length - offset) throw damaged('it ends too early')
    offset += size
    return offset - size
  }
  const byte = () => bytes[skip(1)]
  const uint32 = () => view.getUint32(skip(4), true)
  const uint64 = () => Number(view.getBigUint64(skip(8), true))
  const data = (size: number) => bytes.subarray(skip(size), offset)
  const text = (size: number) => new TextDecoder().decode(data(size))
  function line(): string {
    const end = bytes.indexOf(0x0a, offset)
    const content = text((end === -1 ? bytes.length : end) - offset)
    skip(1)
    return content
  }
  /** A whole number of any length, in two's complement. */
  function long(): number | bigint {
    const digits = data(byte())
    const unsigned = digits.reduceRight((value, digit) => (value << 8n) | BigInt(digit), 0n)
    const value = BigInt.asIntN(8 * digits.length, unsigned)
    return Number.isSafeInteger(Number(value)) ? Number(value) : value
  }

  function pop(): unknown {
    if (stack.length === 0 || stack[stack.length - 1] === MARK) throw damaged('its stack is empty')
    return stack.pop()
  }
  function popToMark(): unknown[] {
    const mark = stack.lastIndexOf(MARK)
    if (mark === -1) throw damaged('a group has no beginning')
    return stack.splice(mark).slice(1)
  }
  const popSome = (count: number) => Array.from({ length: count }, pop).reverse()
  function top<T>(kind: new (...args: never[]) => T, name: string): T {
    const value = stack[stack.length - 1]
    if (value instanceof kind) return value
    throw damaged(`there is no ${name} to extend`)
  }
  function extend(): void {
    for (const item of popToMark()) top<unknown[]>(Array, 'list').push(item)
  }
  function setItems(items: unknown[]): void {
    if (items.length % 2 === 1) throw damaged('a key has no value')
    const map = top<Map<unknown, unknown>>(Map, 'dictionary')
    for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1])
  }
  function recall(index: number): unknown {
    if (!memo.has(index)) throw damaged(`it recalls ${index}, which it never stored`)
    return memo.get(index)
  }
  function remember(index: number): void {
    const value = pop()
    memo.set(index, value)
    stack.push(value)
  }
  function global(module: unknown, name: unknown): PickleGlobal {
    if (typeof module !== 'string' || typeof name !== 'string') throw damaged('a name is no text')
    const full = `${module} ${name}`
    if (Object.hasOwn(globals, full) || inert(full)) return new PickleGlobal(full)
    throw new ModelFileError(
      `${what} refers to '${module}.${name}', which is not read: it is no part of what such a file holds.`,
    )
  }
  function call(): unknown {
    const [callee, args] = popSome(2)
    if (!(callee instanceof PickleGlobal) || !Array.isArray(args))
      throw damaged('it calls what is no function')
    const { name } = callee
    return Object.hasOwn(globals, name) ? globals[name](args) : new PickleObject(name, args)
  }
  /** Attributes of an object; those of a dictionary have no use here. */
  function setState(): void {
    const state = pop()
    if (stack[stack.length - 1] instanceof PickleObject) top(PickleObject, 'object').state = state
    else top(Map, 'dictionary')
  }

  const operations: Record<string, () => void> = {
    '(': () => stack.push(MARK),
    N: () => stack.push(null),
    '\x88': () => stack.push(true),
    '\x89': () => stack.push(false),
    K: () => stack.push(byte()),
    M: () => stack.push(view.getUint16(skip(2), true)),
    J: () => stack.push(view.getInt32(skip(4), true)),
    '\x8a': () => stack.push(long()),
    G: () => stack.push(view.getFloat64(skip(8), false)),
    X: () => stack.push(text(uint32())),
    '\x8c': () => stack.push(text(byte())),
    B: () => stack.push(data(uint32())),
    C: () => stack.push(data(byte())),
    '\x8e': () => stack.push(data(uint64())),
    '\x96': () => stack.push(data(uint64())),
    ')': () => stack.push([]),
    '\x85': () => stack.push(popSome(1)),
    '\x86': () => stack.push(popSome(2)),
    '\x87': () => stack.push(popSome(3)),
    t: () => stack.push(popToMark()),
    ']': () => stack.push([]),
    a: () => {
      const [item] = popSome(1)
      top<unknown[]>(Array, 'list').push(item)
    },
    e: extend,
    '\x8f': () => stack.push([]),
    '\x90': extend,
    '\x91': () => stack.push(popToMark()),
    '}': () => stack.push(new Map()),
    s: () => setItems(popSome(2)),
    u: () => setItems(popToMark()),
    c: () => stack.push(global(line(), line())),
    '\x93': () => {
      const [module, name] = popSome(2)
      stack.push(global(module, name))
    },
    R: () => stack.push(call()),
    '\x81': () => stack.push(call()),
    b: setState,
    Q: () => stack.push(persistent(pop())),
    q: () => remember(byte()),
    r: () => remember(uint32()),
    '\x94': () => remember(memo.size),
    h: () => stack.push(recall(byte())),
    j: () => stack.push(recall(uint32())),
    // The size of a frame, in which the operations are the same as without it.
    '\x95': () => skip(8),
  }

  const [mark, protocol] = [byte(), byte()]
  if (mark !== 0x80 || protocol < 2 || protocol > 5) {
    throw new ModelFileError(`${what} is not a pickle of protocol 2 to 5.`)
  }
  for (let count = 0; count < MOST_OPERATIONS; count++) {
    const code = String.fromCharCode(byte())
    if (code === '.') return { value: pop(), end: offset }
    const operation = Object.hasOwn(operations, code) ? operations[code] : undefined
    if (!operation) {
      const hex = code.charCodeAt(0).toString(16).padStart(2, '0')
      throw new ModelFileError(
        `${what} has the pickle opcode 0x${hex}, which no such file needs; it is not read.`,
      )
    }
    operation()
  }
  throw new ModelFileError(`${what} takes more than ${MOST_OPERATIONS} operations, which no such file needs.`)
}
