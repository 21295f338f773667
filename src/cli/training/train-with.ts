import { setTimeout } from 'node:timers/promises'
import type { RunSettings } from '../../run/settings.ts'
import { trainingEnvironments } from '../environments/training-environments.ts'
import { exitNow } from '../exit.ts'
import { stopOnFaults, stopOnSignals } from './stop-signals.ts'
import type { TrainingRun } from './training-run.ts'

/** Longer than Python and worker threads are given to close theirs. */
const PATIENCE_MS = 10_000

/**
 * Makes the environments, and trains in them until all steps are taken or a signal comes.
 * @returns the exit code
 */
export async function trainWith(settings: RunSettings, place: TrainingRun['place']): Promise<number> {
  await allowWideKernels()
  const { envs, evaluationEnv, close } = await trainingEnvironments(settings)
  const [signals, faults] = [stopOnSignals(), stopOnFaults()]
  let code = 1
  try {
    // Imported here, so that help and complaints need not wait for it.
    const { runTraining } = await import('./training-run.ts')
    const { stdout, stderr } = process
    const signal = AbortSignal.any([signals.signal, faults.signal])
    code = await runTraining({ settings, envs, evaluationEnv, place, stdout, stderr, signal })
  } finally {
    signals.release()
    const closed = await closeInTime(close)
    faults.release()
    // How the training ended counts for more.
    if (!closed) code ||= 1
  }
  return code
}

/** Closes environments; if that fails it says so, and if it does not end, the program is ended. */
async function closeInTime(close: () => Promise<void>): Promise<boolean> {
  try {
    const late = setTimeout(PATIENCE_MS, true, { ref: false })
    if (!(await Promise.race([close().then(() => false), late]))) return true
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    process.stderr.write(`error: closing the environments failed: ${reason}\n`)
    return false
  }
  process.stderr.write(
    `error: an environment's close() has not ended after ${PATIENCE_MS / 1000} s; what was learned is saved\n`,
  )
  return exitNow(1)
}

/** Wide kernels are faster. Environments may be WebAssembly modules too, and are loaded after it (see there). */
async function allowWideKernels(): Promise<void> {
  if (process.env.SAC_WIDE_KERNELS === 'off') return
  const wide = await import('../../graph/wasm/wide-tiles.ts')
  await wide.allowWideKernels()
}
