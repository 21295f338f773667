import type { Env } from '../env/env.ts'
import type { TrainingEvent } from '../training/events.ts'
import type { TrainingState } from '../training/lanes.ts'
import { train } from '../training/train.ts'
import type { OpenRun } from './open-run.ts'
import type { RunRecord } from './run-record.ts'

/** What `trainRun` takes. */
export interface TrainRunOptions {
  /** A separate environment, for the evaluations that the settings ask for (`evaluateEvery`). */
  evaluationEnv?: Env
  /** Stops after the present step; the run then resumes exactly. */
  signal?: AbortSignal
  /** Writes the record; one of `run.record()`, if quantities of your own are to be logged too. */
  record?: RunRecord
}

/**
 * Trains a run to its last step: the events of `train`, each written down before it is yielded. Whatever ends it, what
 * was learned is saved. If the loop is left (`break`) instead of stopped by the signal, it resumes with new episodes.
 * @throws CheckpointError if a checkpoint cannot be saved; EnvironmentError and DivergenceError as `train`
 * @example
 * const run = await beginRun({ settings, envs: [env] })
 * for await (const event of trainRun(run)) if (event.type === 'episode') console.log(event.return)
 * await run.close()
 */
export async function* trainRun(
  run: OpenRun,
  { evaluationEnv, signal, record = run.record() }: TrainRunOptions = {},
): AsyncGenerator<TrainingEvent, void> {
  let training: TrainingState | undefined
  let failure: unknown
  try {
    const options = { ...run.trainOptions(record), evaluationEnv, signal }
    for await (const event of train(run.agent, run.envs, options)) {
      record.observe(event)
      if (event.type === 'done') training = event.state
      yield event
    }
  } catch (error) {
    failure = error
    throw error
  } finally {
    record.save(training)
    if (failure !== undefined) record.end('error', (failure as Error).message)
    else record.end(training && !signal?.aborted ? 'steps' : 'aborted')
  }
}
