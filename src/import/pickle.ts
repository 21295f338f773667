/**
 * Python's pickle format, as far as saved tensors need it (https://docs.python.org/3/library/pickle.html, protocol 2).
 *
 * A pickle is a program for a stack machine, and in Python that program may call anything. Here it can call only the
 * functions handed to `readPickle`; whatever else it names is refused, and nothing of it is ever executed.
 */
import { ModelFileError } from './model-file-error.ts'

/** What a pickle may reach. */
export interface PickleContext {
  /** The functions and classes it may name, as `module name`: each from arguments to result. */
  globals: Record<string, (args: readonly unknown[]) => unknown>
  /** A value that stands outside the pickle, from the key the pickle has for it. */
  persistent(key: unknown): unknown
}

/** A function or class that a pickle names. */
export class PickleGlobal {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** Where a group of items begins on the stack. */
const MARK = Symbol('mark')

/**
 * The value of a pickle: dictionaries are maps; tuples and lists are arrays.
 *
 * @param what the pickle, for messages
 * @throws ModelFileError for opcodes and globals that are not known here, and for bytes that are cut off or damaged
 */
export function readPickle(bytes: Uint8Array, what: string, { globals, persistent }: PickleContext): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const stack: unknown[] = []
  const memo = new Map<number, unknown>()
  let offset = 0

  const damaged = (reason: string) =>
    new ModelFileError(`${what} is damaged before byte ${offset}: ${reason}.`)
  /** Moves on by so many bytes; where they begin. */
  function skip(size: number): number {
    if (size > bytes.length - offset) throw damaged('it ends too early')
    offset += size
    return offset - size
  }
  const byte = () => bytes[skip(1)]
  const uint32 = () => view.getUint32(skip(4), true)
  const text = (size: number) => new TextDecoder().decode(bytes.subarray(skip(size), offset))
  function line(): string {
    const end = bytes.indexOf(0x0a, offset)
    const content = text((end === -1 ? bytes.length : end) - offset)
    skip(1)
    return content
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
  function top<T>(kind: new () => T, name: string): T {
    const value = stack[stack.length - 1]
    if (value instanceof kind) return value
    throw damaged(`there is no ${name} to extend`)
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
  function global(): PickleGlobal {
    const name = `${line()} ${line()}`
    if (Object.hasOwn(globals, name)) return new PickleGlobal(name)
    throw new ModelFileError(
      `${what} refers to '${name.replace(' ', '.')}', which is not read: it is no tensor.`,
    )
  }
  function call(): unknown {
    const [callee, args] = popSome(2)
    if (!(callee instanceof PickleGlobal) || !Array.isArray(args))
      throw damaged('it calls what is no function')
    return globals[callee.name](args)
  }
  /** Attributes of an object, which none of the values here has a use for. */
  function discardState(): void {
    pop()
    top(Map, 'dictionary')
  }

  const operations: Record<string, () => void> = {
    '(': () => stack.push(MARK),
    N: () => stack.push(null),
    '\x88': () => stack.push(true),
    '\x89': () => stack.push(false),
    K: () => stack.push(byte()),
    M: () => stack.push(view.getUint16(skip(2), true)),
    J: () => stack.push(view.getInt32(skip(4), true)),
    G: () => stack.push(view.getFloat64(skip(8), false)),
    X: () => stack.push(text(uint32())),
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
    e: () => {
      for (const item of popToMark()) top<unknown[]>(Array, 'list').push(item)
    },
    '}': () => stack.push(new Map()),
    s: () => setItems(popSome(2)),
    u: () => setItems(popToMark()),
    c: () => stack.push(global()),
    R: () => stack.push(call()),
    b: discardState,
    Q: () => stack.push(persistent(pop())),
    q: () => remember(byte()),
    r: () => remember(uint32()),
    h: () => stack.push(recall(byte())),
    j: () => stack.push(recall(uint32())),
  }

  if (byte() !== 0x80 || byte() !== 2) throw new ModelFileError(`${what} is not a pickle of protocol 2.`)
  for (;;) {
    const code = String.fromCharCode(byte())
    if (code === '.') return pop()
    const operation = Object.hasOwn(operations, code) ? operations[code] : undefined
    if (!operation) {
      const hex = code.charCodeAt(0).toString(16).padStart(2, '0')
      throw new ModelFileError(
        `${what} has the pickle opcode 0x${hex}, which no saved tensor needs; it is not read.`,
      )
    }
    operation()
  }
}
