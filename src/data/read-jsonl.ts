import { describe } from '../env/require.ts'
import { DataError } from './data-error.ts'
import { type FieldNames, fieldNames, type Row } from './fields.ts'
import { type DataFile, piecesOf } from './source.ts'
import type { RowReader } from './table.ts'

/** Characters of a line at most: far more than any transition has. */
const LONGEST = 2 ** 26

/** Reads JSON, one object a line. What is in it besides the fields is ignored. */
export async function* readJsonl(file: DataFile): RowReader {
  let names: FieldNames | undefined
  for await (const lines of linesOf(file)) {
    const rows: Row[] = []
    try {
      for (const { text, number } of lines) {
        const where = `${file.name}, row ${number}`
        const object = parse(text, where)
        names ??= fieldNames(where, Object.keys(object))
        rows.push(rowOf(object, names, number))
      }
    } finally {
      // Those before a faulty line are sound, or have the fault to report first.
      if (names) yield { names, rows }
    }
  }
}

function parse(text: string, where: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new DataError(`${where} is not JSON, or cut off: ${(cause as Error).message}`, { cause })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>
  }
  throw new DataError(`${where} is ${describe(value)}, not a transition as { observation, action, ... }.`)
}

function rowOf(object: Record<string, unknown>, names: FieldNames, place: number): Row {
  return {
    place,
    values: {
      observation: object[names.observation],
      action: object[names.action],
      reward: object[names.reward],
      nextObservation: object[names.nextObservation],
      terminated: object[names.terminated],
      truncated: object[names.truncated ?? 'truncated'],
    },
  }
}

interface Line {
  text: string
  /** Counted from 1. */
  number: number
}

/** Lines that are not empty, some at a time. */
async function* linesOf(file: DataFile): AsyncGenerator<Line[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  let number = 0
  const decode = (bytes?: Uint8Array) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined })
    } catch (cause) {
      throw new DataError(`${file.name}, after row ${number}: not text in UTF-8, so no JSONL.`, { cause })
    }
  }
  const numbered = (texts: string[]) =>
    texts.map(text => ({ text, number: ++number })).filter(({ text }) => text.trim() !== '')
  for await (const piece of piecesOf(file)) {
    const texts = (rest + decode(piece)).split('\n')
    rest = texts.pop()!
    yield numbered(texts)
    if (rest.length > LONGEST) {
      throw new DataError(`${file.name}, row ${number + 1} has no end: not JSONL.`)
    }
  }
  yield numbered([rest + decode()])
}
