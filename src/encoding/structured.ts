/**
 * Values of plain data and typed arrays, split into JSON text and the arrays, and put together again to
 * the same bits. JSON alone has no efficient arrays of numbers, and loses NaN, the infinities and the sign of -0.
 */
import { type TensorData, tensorTypeOf } from './safetensors-header.ts'

/** A value that was split. */
export interface Structured {
  json: string
  /** The typed arrays by the paths that lead to them, such as `agent.learner.actor`; their own memory. */
  arrays: Map<string, TensorData>
}

/** Begins the strings that represent something else: `#-0`, `#array agent.learner.actor`; `##` is a `#` itself. */
const MARK = '#'
const ARRAY = `${MARK}array `

/**
 * Splits a value. Properties that are undefined are left out, as in JSON.
 * @throws TypeError if there is anything in it that could not be put together again, such as a Map or a function
 */
export function takeApart(value: unknown): Structured {
  const arrays: Structured['arrays'] = new Map()

  function plain(value: unknown, path: string): unknown {
    if (typeof value === 'boolean' || value === null) return value
    if (typeof value === 'string') return value.startsWith(MARK) ? MARK + value : value
    if (typeof value === 'number') {
      if (Object.is(value, -0)) return `${MARK}-0`
      return Number.isFinite(value) ? value : MARK + value
    }
    if (tensorTypeOf(value)) {
      // A name with a dot in it could lead to the same path.
      let name = path
      while (arrays.has(name)) name += "'"
      arrays.set(name, value as TensorData)
      return ARRAY + name
    }
    if (Array.isArray(value)) return Array.from(value, (item, i) => plain(item, `${path}.${i}`))
    if (Object.prototype.toString.call(value) === '[object Object]') {
      const entries = Object.entries(value as object).filter(([, property]) => property !== undefined)
      return Object.fromEntries(
        entries.map(([name, item]) => [name, plain(item, path ? `${path}.${name}` : name)]),
      )
    }
    throw new TypeError(
      `${path} is ${describe(value)}: only numbers, texts, true, false, null, lists and tables of them, ` +
        'and typed arrays can be stored',
    )
  }

  return { json: JSON.stringify(plain(value, '')), arrays }
}

/**
 * The reverse of `takeApart`.
 * @throws SyntaxError if the text is not JSON, RangeError if an array it names is missing
 */
export function putTogether({ json, arrays }: Structured): unknown {
  return JSON.parse(json, (_, value) => {
    if (typeof value !== 'string' || !value.startsWith(MARK)) return value
    if (value.startsWith(MARK + MARK)) return value.slice(MARK.length)
    if (!value.startsWith(ARRAY)) return Number(value.slice(MARK.length))
    const name = value.slice(ARRAY.length)
    const array = arrays.get(name)
    if (!array) throw new RangeError(`The array ${name} is missing.`)
    return array
  })
}

function describe(value: unknown): string {
  if (value === undefined || typeof value === 'function') return typeof value
  return typeof value === 'object'
    ? `a ${Object.prototype.toString.call(value).slice(8, -1)}`
    : `a ${typeof value}`
}
