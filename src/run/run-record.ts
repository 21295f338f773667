import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createDoctor, type Examination } from '../doctor/doctor.ts'
import { arithmeticOf } from '../graph/wasm/products.ts'
import type { SAC } from '../sac/agent.ts'
import { shellWord } from '../shell-word.ts'
import type { TrainingEvent } from '../training/events.ts'
import type { TrainingState } from '../training/lanes.ts'
import { CheckpointError } from './checkpoint-file.ts'
import { createCheckpointTimer } from './checkpoint-timer.ts'
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from './checkpoints.ts'
import type { EndReason } from './metrics.ts'
import { endOf } from './metrics-file.ts'
import { createPolicySnapshots } from './policy-snapshots.ts'
import { RUN_FILES, saveAgent, saveParameters } from './run-directory.ts'
import type { RunLock } from './run-lock.ts'
import { openRunLog } from './run-log.ts'
import { examinationInterval, learningSettings, logInterval, type RunSettings } from './settings.ts'
import { UsageError } from './usage-error.ts'
import { removeHalfWritten } from './write-file.ts'

/** Keeps the record of a run in its directory: a consumer of training events. */
export interface RunRecord {
  /** When `train` is to yield checkpoints; undefined for never. */
  checkpointEvery: number | (() => boolean) | undefined
  /**
   * Writes down what happened: metrics, what the doctor finds, the weights of the best evaluation, checkpoints.
   * @returns what the doctor has just found, if it is time for that
   * @throws CheckpointError if a checkpoint cannot be saved
   */
  observe(event: TrainingEvent): Examination | undefined
  /**
   * Saves a checkpoint and what was learned.
   * @param training the state of the loop; missing after an error, and then the run resumes with new episodes
   * @throws CheckpointError if the checkpoint cannot be saved
   */
  save(training?: TrainingState): void
  /**
   * Writes down quantities of your own, at the present step: to `metrics.jsonl`, as a line of type `custom`, and to
   * TensorBoard, under their names.
   * @throws RangeError for one that is not a finite number
   */
  log(metrics: Record<string, number>): void
  /** Writes down how it ended. */
  end(reason: EndReason, message?: string): void
}

/** Where a run resumes: its last checkpoint, without the agent's part, which the agent has taken over. */
export interface Origin extends Omit<Checkpoint, 'agent'> {
  /** The checkpoint's file. */
  path: string
}

/**
 * Brings an agent to where its run was stopped.
 * @param say receives what may be of interest about the checkpoint
 * @returns undefined if the run was killed before its first checkpoint, and has learned nothing; the agent is then as it
 *   was
 * @throws CheckpointError if there are checkpoints, but none can be used
 * @throws UsageError if it has learned something, or has ended, and kept no checkpoint; or has taken more steps than
 *   it is to take
 */
export function restoreAgent(
  agent: SAC,
  directory: string,
  settings: RunSettings,
  say: (text: string) => void,
): Origin | undefined {
  const loaded = loadCheckpoint(directory, settings, say)
  if (!loaded) {
    requireNothingLearned(directory, settings)
    return undefined
  }
  const { agent: state, ...rest } = loaded.checkpoint
  agent.restore(state)
  const { engine } = agent
  if (arithmeticOf(engine) !== arithmeticOf(rest.engine)) {
    say(`note: it was trained on ${rest.engine} and resumes on ${engine}; results may differ.`)
  }
  return { ...rest, path: loaded.path }
}

/** @throws UsageError if there are weights that training from the start would overwrite */
function requireNothingLearned(directory: string, settings: RunSettings): void {
  const has = (file: string) => existsSync(join(directory, file))
  const learned = has(RUN_FILES.parameters) || has(RUN_FILES.policy)
  // A run that was killed early makes its best weights again; without its metrics their origin is unknown.
  const began = has(RUN_FILES.metrics)
  if (!learned && (began || !has(RUN_FILES.best)) && endOf(directory) === undefined) return
  const begin = `sac train ${settings.environment} --init-from ${shellWord(directory)}`
  const again = `sac train --config ${join(directory, RUN_FILES.config)}`
  throw new UsageError(
    `${directory} has no checkpoint to resume from; begin a new run ` +
      (has(RUN_FILES.parameters) ? `with its weights: ${begin}` : `with its settings: ${again}`),
  )
}

/**
 * Begins the record of a run, or resumes it.
 * @param lock must be held whenever something is saved
 * @param origin what `restoreAgent` returned, for a run that is resumed
 */
export function openRunRecord(
  directory: string,
  settings: RunSettings,
  agent: SAC,
  lock: Pick<RunLock, 'requireHeld'>,
  origin?: Origin,
): RunRecord {
  const { checkpointEvery } = settings
  const newEpisodes = {
    lanes: Array(settings.options.envs).fill({ return: 0, length: 0 }),
    evaluationDue: false,
  }
  const timer = createCheckpointTimer()
  let best = origin?.best
  for (const name of ['', RUN_FILES.checkpoints, RUN_FILES.policies]) removeHalfWritten(join(directory, name))
  const keepPolicy = createPolicySnapshots(directory, settings, agent, () => lock.requireHeld())
  const examine = createDoctor(agent, { every: examinationInterval(settings), state: origin?.doctor })
  const from = origin && { ...origin.log, examined: origin.doctor.examined }
  const log = openRunLog(directory, agent, logInterval(settings), from)

  function save(training: TrainingState = newEpisodes): void {
    lock.requireHeld()
    const checkpoint = {
      settings: learningSettings(settings),
      engine: agent.engine,
      agent: agent.state(),
      training,
      log: log.state(),
      doctor: examine.state(),
      best,
    }
    try {
      // First, because a run that is killed with weights and no checkpoint cannot resume.
      if (checkpointEvery !== 'never') timer.during(() => saveCheckpoint(directory, checkpoint))
    } catch (error) {
      if (!(error instanceof CheckpointError && isSaved())) throw error
      const { message, cause } = error
      const weights = join(directory, RUN_FILES.parameters)
      throw new CheckpointError(`${message} The weights are saved in ${weights}.`, { cause })
    }
    saveAgent(directory, agent)
  }

  /** Weights are small: there may be room for them where there was none for a checkpoint. */
  function isSaved(): boolean {
    try {
      saveAgent(directory, agent)
      return true
    } catch {
      // The error of the checkpoint says why.
      return false
    }
  }

  return {
    checkpointEvery:
      checkpointEvery === 'auto' ? timer.isDue : checkpointEvery === 'never' ? undefined : checkpointEvery,
    observe(event) {
      // First, because an examination covers the time before the event.
      const examination = examine(event)
      if (examination) log.examined(examination)
      log.observe(event)
      keepPolicy(event)
      if (event.type === 'evaluation' && event.mean > (best ?? -Infinity)) {
        lock.requireHeld()
        best = event.mean
        saveParameters(directory, RUN_FILES.best, agent)
      }
      if (event.type === 'checkpoint') save(event.state)
      return examination
    },
    save,
    log: log.custom,
    end: log.end,
  }
}
