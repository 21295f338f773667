import { evaluationEnvironment, trainingEnvironments } from '../../run/environments/training-environments.ts'
import type { RunSettings } from '../../run/settings.ts'
import type { OverBroker } from '../actors/actor-flags.ts'
import { closeInTime } from '../environments/close-in-time.ts'
import { stopOnFaults, stopOnSignals } from './stop-signals.ts'
import type { TrainingRun } from './training-run.ts'

/**
 * Makes the environments, and trains in them until all steps are taken or a signal comes.
 * @returns the exit code
 */
export async function trainWith(
  settings: RunSettings,
  place: TrainingRun['place'],
  broker?: OverBroker,
): Promise<number> {
  await allowWideKernels()
  // One that does not act needs an environment only to evaluate in.
  const makeThem = broker && !broker.acts ? evaluationEnvironment : trainingEnvironments
  const { envs, evaluationEnv, close } = await makeThem(settings)
  const [signals, faults] = [stopOnSignals(), stopOnFaults()]
  let code = 1
  try {
    // Imported here, so that help and error messages need not wait for it.
    const { runTraining } = await import('./training-run.ts')
    const { stdout, stderr } = process
    const signal = AbortSignal.any([signals.signal, faults.signal])
    const actors = broker && {
      loop: (await import('../actors/learn-from-actors.ts')).loopOverBroker(
        settings,
        broker,
        'resume' in place,
      ),
      flags: broker.flags,
    }
    code = await runTraining({ settings, envs, evaluationEnv, place, actors, stdout, stderr, signal })
  } finally {
    signals.release()
    const closed = await closeInTime(close, '; what was learned is saved')
    faults.release()
    // The exit code of the training takes precedence.
    if (!closed) code ||= 1
  }
  return code
}

/** Wide kernels are faster. Environments may be WebAssembly modules too, and are loaded after it (see there). */
async function allowWideKernels(): Promise<void> {
  if (process.env.SAC_WIDE_KERNELS === 'off') return
  const wide = await import('../../graph/wasm/wide-tiles.ts')
  await wide.allowWideKernels()
}
