import { UnknownEnvironmentError } from '../../envs/registry.ts'
import { GymnasiumError } from '../../gymnasium/index.ts'
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
    RangeError,
  ].some(kind => error instanceof kind) ||
  typeof (error as NodeJS.ErrnoException)?.syscall === 'string'

/** What to print about an error. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return explainsItself(error) ? error.message : (error.stack ?? error.message)
}

/** 2 for a mistake of the user, 1 for anything else. */
export const exitCodeOf = (error: unknown) => (isUsageError(error) ? 2 : 1)
