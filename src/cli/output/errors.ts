import { join, relative } from 'node:path'
import { RunError } from '../../distributed/run-error.ts'
import { UnknownEnvironmentError } from '../../envs/registry.ts'
import { GymnasiumError } from '../../gymnasium/index.ts'
import { BrokerError } from '../../nats/broker-error.ts'
import { OptionError } from '../../options.ts'
import { CheckpointError } from '../../run/checkpoint-file.ts'
import { UsageError } from '../../run/usage-error.ts'
import { WriteError } from '../../run/write-file.ts'
import { DivergenceError } from '../../sac/metrics.ts'
import { EnvironmentError } from '../../training/guarded-env.ts'
import { ForeignExit } from '../exit.ts'

/** Whether the user asked for something impossible: exit code 2. */
const isUsageError = (error: unknown) =>
  [UsageError, OptionError, UnknownEnvironmentError].some(kind => error instanceof kind)

/** Whether the message says all there is to know. Any other error is a bug of ours, for which the stack helps. */
const explainsItself = (error: unknown) =>
  isUsageError(error) ||
  [
    WriteError,
    ForeignExit,
    CheckpointError,
    DivergenceError,
    EnvironmentError,
    GymnasiumError,
    BrokerError,
    RunError,
    RangeError,
  ].some(kind => error instanceof kind) ||
  typeof (error as NodeJS.ErrnoException)?.syscall === 'string'

/** What to print about an error. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (!explainsItself(error)) return error.stack ?? error.message
  const place = error instanceof EnvironmentError ? placeOf(error.cause) : undefined
  return place ? `${error.message} It was thrown at ${place}` : error.message
}

/** `my-env.ts:12:5`: where code of the user threw, if an error came from there. */
function placeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const places = [...(error.stack ?? '').matchAll(/^\s+at .*?\(?((?:file:\/\/)?[^\s()]+:\d+:\d+)\)?$/gm)].map(
    ([, place]) => place.replace(/^file:\/\//, ''),
  )
  const [first] = places
  return first && !first.startsWith('node:') && !first.startsWith(PACKAGE) ? relativePlace(first) : undefined
}

/** The folder of this package's own code. */
const PACKAGE = join(import.meta.dirname, '../..')

const relativePlace = (place: string) => {
  const path = relative(process.cwd(), place)
  return path.startsWith('..') ? place : path
}

/** 2 for a mistake of the user, 1 for anything else. */
export const exitCodeOf = (error: unknown) => (isUsageError(error) ? 2 : 1)
