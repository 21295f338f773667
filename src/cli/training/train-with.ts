import type { RunSettings } from '../../run/settings.ts'
import { trainingEnvironments } from '../environments/training-environments.ts'
import { stopOnSignals } from './stop-signals.ts'
import type { TrainingRun } from './training-run.ts'

/**
 * Makes the environments, and trains in them until all steps are taken or a signal comes.
 * @returns the exit code
 */
export async function trainWith(settings: RunSettings, place: TrainingRun['place']): Promise<number> {
  await allowWideKernels()
  const { envs, evaluationEnv, close } = await trainingEnvironments(settings)
  const { signal, release } = stopOnSignals()
  try {
    // Imported here, so that help and complaints need not wait for it.
    const { runTraining } = await import('./training-run.ts')
    const { stdout, stderr } = process
    return await runTraining({ settings, envs, evaluationEnv, place, stdout, stderr, signal })
  } finally {
    release()
    await close()
  }
}

/** Wide kernels are faster. Environments may be WebAssembly modules too, and are loaded after it (see there). */
async function allowWideKernels(): Promise<void> {
  if (process.env.SAC_WIDE_KERNELS === 'off') return
  const wide = await import('../../graph/wasm/wide-tiles.ts')
  await wide.allowWideKernels()
}
