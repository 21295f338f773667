import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TRAIN_METRICS } from '../../../src/run/metrics.ts'

/** A new folder for runs. */
export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'sac-ui-test-'))

export interface Synthetic {
  seed?: number
  lines?: number
  /** How it ended; without, it has crashed. */
  end?: 'steps' | 'aborted' | 'error'
  settings?: Record<string, unknown>
}

const BEGUN = Date.parse('2026-01-01T00:00:00Z')
const at = (seconds: number) => new Date(BEGUN + 1000 * seconds).toISOString()

/** The text of a line of training: every quantity is there, the return is its number. */
export function trainLine(number: number, values: Record<string, number> = {}): string {
  const numbers = Object.fromEntries(
    Object.keys(TRAIN_METRICS).map((name, i) => [name, Number((number * 0.37 + i).toPrecision(6))]),
  )
  const step = 100 * number
  return JSON.stringify({
    type: 'train',
    step,
    time: at(number),
    ...numbers,
    updates: step,
    return: number,
    ...values,
  })
}

export const startLine = JSON.stringify({ type: 'start', step: 0, time: at(0), pid: 1, host: 'elsewhere' })

/** A run as `sac train` leaves one, without having trained. Line n is of step 100 n and second n; its return is n. */
export function makeRun(
  folder: string,
  name: string,
  { seed = 0, lines = 10, end = 'steps', settings = {} }: Synthetic = {},
): string {
  const directory = join(folder, name)
  mkdirSync(directory, { recursive: true })
  const config = { environment: 'Pendulum-v1', steps: 100 * lines, seed, ...settings }
  writeFileSync(join(directory, 'config.json'), JSON.stringify(config))
  const text = [startLine, ...Array.from({ length: lines }, (_, i) => trainLine(i + 1))]
  text.push(
    JSON.stringify({
      type: 'evaluation',
      step: 100 * lines,
      time: at(lines + 1),
      mean: -100 - seed,
      standardDeviation: 5,
      returns: [-100 - seed],
      lengths: [200],
    }),
    JSON.stringify({ type: 'end', step: 100 * lines, time: at(lines + 2), reason: end }),
  )
  writeFileSync(join(directory, 'metrics.jsonl'), `${text.join('\n')}\n`)
  return directory
}
