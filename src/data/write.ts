import { zipSync } from 'fflate'
import { requireFlag, requireNumber, requireVector } from '../env/require.ts'
import type { Transition } from '../replay/transition.ts'
import type { Field } from './fields.ts'
import { encodeNpy } from './npy.ts'

/** Formats in which transitions are written. */
export const WRITABLE = ['jsonl', 'npz'] as const
/** A format in which transitions are written. */
export type WritableFormat = (typeof WRITABLE)[number]

/** Collects transitions for a file. */
export interface TransitionWriter {
  /**
   * Adds one, in the environment's units.
   * @throws RangeError for what is not a finite number, and for sizes unlike those of the first; nothing is added then
   * @throws TypeError if `terminated` or `truncated` is neither true nor false
   */
  readonly add: (transition: Transition) => void
  /** Transitions added. */
  readonly count: number
  /** The whole file. */
  finish(): Uint8Array
}

/**
 * Collects transitions for a file that `readTransitions` reads back bit for bit, and Python too: 'jsonl', one JSON object a
 * line, or 'npz' for `numpy.load`, an array for each field: float32 where it holds all its numbers exactly, else float64.
 *
 * @throws RangeError for another format
 * @example
 * const writer = createTransitionWriter('jsonl')
 * writer.add({ observation, action, reward, nextObservation, terminated })
 * await writeFile('demo.jsonl', writer.finish())
 */
export function createTransitionWriter(format: WritableFormat): TransitionWriter {
  const writers = { jsonl: createJsonlWriter, npz: createNpzWriter }
  if (!Object.hasOwn(writers, format)) {
    throw new RangeError(`format is '${format}'; it must be one of ${WRITABLE.join(', ')}.`)
  }
  const { write, finish } = writers[format]()
  let sizes: { observation: number; action: number } | undefined
  let count = 0
  return {
    add({ truncated = false, ...transition }) {
      const { observation, action, reward, nextObservation, terminated } = transition
      const expected = sizes ?? { observation: observation?.length, action: action?.length }
      requireVector('observation', observation, expected.observation)
      requireVector('action', action, expected.action)
      requireNumber('reward', reward)
      requireVector('nextObservation', nextObservation, expected.observation)
      requireFlag('terminated', terminated)
      requireFlag('truncated', truncated)
      sizes = expected
      write({ observation, action, reward, nextObservation, terminated, truncated })
      count++
    },
    get count() {
      return count
    },
    finish,
  }
}

type Complete = Required<Transition>

/** What writes a format. */
interface Format {
  write(transition: Complete): void
  finish(): Uint8Array
}

function createJsonlWriter(): Format {
  const encoder = new TextEncoder()
  const lines: Uint8Array[] = []
  const list = (vector: ArrayLike<number>) => `[${Array.from(vector, toText).join(',')}]`
  return {
    write({ observation, action, reward, nextObservation, terminated, truncated }) {
      const line =
        `{"observation":${list(observation)},"action":${list(action)},"reward":${toText(reward)},` +
        `"nextObservation":${list(nextObservation)},"terminated":${terminated},"truncated":${truncated}}\n`
      lines.push(encoder.encode(line))
    },
    finish: () => concat(lines),
  }
}

/** JSON.stringify would write 0 for -0. */
const toText = (value: number) => (Object.is(value, -0) ? '-0.0' : String(value))

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function createNpzWriter(): Format {
  const numbers = { observation: growing(), action: growing(), reward: growing(), nextObservation: growing() }
  const flags: Record<'terminated' | 'truncated', number[]> = { terminated: [], truncated: [] }
  return {
    write({ observation, action, reward, nextObservation, terminated, truncated }) {
      numbers.observation.push(observation)
      numbers.action.push(action)
      numbers.reward.push([reward])
      numbers.nextObservation.push(nextObservation)
      flags.terminated.push(Number(terminated))
      flags.truncated.push(Number(truncated))
    },
    finish() {
      const rows = flags.terminated.length
      const columns: [Field, Uint8Array][] = [
        ...Object.entries(numbers).map(([field, all]): [Field, Uint8Array] => {
          const data = all.narrowest()
          return [
            field as Field,
            encodeNpy(data, field === 'reward' ? [rows] : [rows, data.length / (rows || 1)]),
          ]
        }),
        ...Object.entries(flags).map(([field, all]): [Field, Uint8Array] => [
          field as Field,
          encodeNpy(Uint8Array.from(all), [rows]),
        ]),
      ]
      // Always the same date, so that the same transitions give the same bytes.
      const mtime = new Date(1980, 0, 1)
      return zipSync(Object.fromEntries(columns.map(([name, bytes]) => [`${name}.npy`, bytes])), { mtime })
    },
  }
}

/** Numbers in memory that doubles when it is full. */
function growing() {
  let data = new Float64Array(1024)
  let length = 0
  let narrow = true
  return {
    push(vector: ArrayLike<number>): void {
      if (length + vector.length > data.length) {
        const larger = new Float64Array(2 * data.length + vector.length)
        larger.set(data)
        data = larger
      }
      for (let i = 0; i < vector.length; i++) {
        if (!Object.is(Math.fround(vector[i]), vector[i])) narrow = false
        data[length++] = vector[i]
      }
    },
    /** In float32 if that holds all of them exactly. */
    narrowest(): Float32Array | Float64Array {
      const all = data.subarray(0, length)
      return narrow ? Float32Array.from(all) : all
    },
  }
}
