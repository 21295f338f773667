import type { RunSettings } from '../../run/settings.ts'
import { trainingEnvironments } from '../environments/training-environments.ts'
import { stopOnSignals } from './stop-signals.ts'
import type { TrainingRun } from './training-run.ts'

/**
 * Makes the environments, and trains in them until all steps are taken or a signal comes.
 * @returns the exit code
 */
export async function trainWith(settings: RunSettings, place: TrainingRun['place']): Promise<number> {
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
