import { join } from 'node:path'
import type { Examination } from '../doctor/doctor.ts'
import type { SAC } from '../sac/agent.ts'
import type { TrainingEvent } from '../training/events.ts'
import type { TrainingState } from '../training/lanes.ts'
import { createCheckpointTimer } from './checkpoint-timer.ts'
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from './checkpoints.ts'
import type { EndReason } from './metrics.ts'
import { endOf } from './metrics-file.ts'
import { RUN_FILES, saveAgent, saveParameters } from './run-directory.ts'
import { openRunLog } from './run-log.ts'
import { learningSettings, logInterval, type RunSettings } from './settings.ts'
import { UsageError } from './usage-error.ts'
import { removeHalfWritten } from './write-file.ts'

/** Keeps the record of a run in its directory: a consumer of training events. */
export interface RunRecord {
  /** When `train` is to yield checkpoints; undefined for never. */
  checkpointEvery: number | (() => boolean) | undefined
  /**
   * Writes down what happened: metrics, the weights of the best evaluation, checkpoints.
   * @throws CheckpointError if a checkpoint cannot be saved
   */
  observe(event: TrainingEvent): void
  /** Writes down what the doctor found. */
  examined(examination: Examination): void
  /**
   * Saves a checkpoint and what was learned.
   * @param training the state of the loop; missing after an error, and then the run goes on with new episodes
   * @throws CheckpointError if the checkpoint cannot be saved
   */
  save(training?: TrainingState): void
  /** Writes down how it ended. */
  end(reason: EndReason, message?: string): void
}

/** Where a run goes on: its last checkpoint, without the agent's part, which the agent has taken over. */
export type Origin = Omit<Checkpoint, 'agent'> & { path: string }

/**
 * Brings an agent to where its run was stopped.
 * @param say is told what may be of interest about the checkpoint
 * @returns undefined if the run has no checkpoint yet; the agent is then as it was
 * @throws CheckpointError if there are checkpoints, but none can be used
 * @throws UsageError if it has ended and kept no checkpoint
 */
export function restoreAgent(
  agent: SAC,
  directory: string,
  settings: RunSettings,
  say: (text: string) => void,
): Origin | undefined {
  const loaded = loadCheckpoint(directory, settings, say)
  if (!loaded) {
    // Killed before its first checkpoint, it begins again.
    if (endOf(directory) === undefined) return undefined
    throw new UsageError(
      `${directory} has no checkpoint to go on from; begin a new run with its weights: ` +
        `sac train ${settings.environment} --init-from ${directory}`,
    )
  }
  const { agent: state, ...rest } = loaded.checkpoint
  agent.restore(state)
  const { engine } = agent.learner.program
  if (engine !== rest.engine) {
    say(`note: it was trained on ${rest.engine} and goes on on ${engine}; results may differ.`)
  }
  return { ...rest, path: loaded.path }
}

/**
 * Begins the record of a run, or goes on with it.
 * @param origin what `restoreAgent` returned, for a run that goes on
 */
export function openRunRecord(
  directory: string,
  settings: RunSettings,
  agent: SAC,
  origin?: Origin,
): RunRecord {
  const { checkpointEvery } = settings
  const newEpisodes = {
    lanes: Array(settings.options.envs).fill({ return: 0, length: 0 }),
    evaluationDue: false,
  }
  const timer = createCheckpointTimer()
  let best = origin?.best
  for (const folder of [directory, join(directory, RUN_FILES.checkpoints)]) removeHalfWritten(folder)
  const log = openRunLog(directory, agent, logInterval(settings), origin?.log)

  function save(training: TrainingState = newEpisodes): void {
    const checkpoint = {
      settings: learningSettings(settings),
      engine: agent.learner.program.engine,
      agent: agent.state(),
      training,
      log: log.state(),
      best,
    }
    saveAgent(directory, agent)
    if (checkpointEvery !== 'never') timer.during(() => saveCheckpoint(directory, checkpoint))
  }

  return {
    checkpointEvery:
      checkpointEvery === 'auto' ? timer.isDue : checkpointEvery === 'never' ? undefined : checkpointEvery,
    observe(event) {
      log.observe(event)
      if (event.type === 'evaluation' && event.mean > (best ?? -Infinity)) {
        best = event.mean
        saveParameters(directory, RUN_FILES.best, agent)
      }
      if (event.type === 'checkpoint') save(event.state)
    },
    save,
    examined: log.examined,
    end: log.end,
  }
}
