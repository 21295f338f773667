/** The checkpoints of a run: the last two, each with everything that the run needs to resume exactly. */
import { readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { DoctorState } from '../doctor/doctor.ts'
import type { AgentState } from '../sac/agent.ts'
import { parseSacOptions } from '../sac/parse-options.ts'
import { shellWord } from '../shell-word.ts'
import type { TrainingState } from '../training/lanes.ts'
import { packageVersion } from '../version.ts'
import { CheckpointError, readCheckpointFile, writeCheckpointFile } from './checkpoint-file.ts'
import { differingNames } from './reports/differing-settings.ts'
import { RUN_FILES } from './run-directory.ts'
import type { RunLogState } from './run-log.ts'
import { learningSettings, type RunSettings, withPresentEngine } from './settings.ts'
import { UsageError } from './usage-error.ts'
import { makeFolder, writing } from './write-file.ts'

/** The state of a run between two rounds of steps. */
export interface Checkpoint {
  /** Those that must be the same when it resumes (`learningSettings`). */
  settings: Record<string, unknown>
  /** What ran the gradient steps. */
  engine: string
  /** What `agent.state` gave. */
  agent: AgentState
  /** Where the loop was. */
  training: TrainingState
  /**
   * What goes into the next line of metrics.
   * @internal
   */
  log: RunLogState
  /**
   * The doctor's, who examines on.
   * @internal
   */
  doctor: DoctorState
  /** Mean return of the best evaluation so far; missing before the first. */
  best?: number
}

const KEPT = 2
const NAME = /^step-(\d+)\.safetensors$/
const DAMAGED = '.damaged'

/**
 * Saves a checkpoint, then removes all but the last two.
 * @returns its path
 * @throws CheckpointError if it cannot be written; the ones before are then as they were
 */
export function saveCheckpoint(directory: string, checkpoint: Checkpoint): string {
  const folder = join(directory, RUN_FILES.checkpoints)
  const { steps, updates } = checkpoint.agent.counters
  const path = join(folder, `step-${String(steps).padStart(9, '0')}.safetensors`)
  try {
    // Not recursive: a run's directory that has gone, perhaps with its disk, is not to be made again elsewhere.
    makeFolder(folder)
    writeCheckpointFile(path, checkpoint, { steps: String(steps), updates: String(updates) })
  } catch (cause) {
    const last = checkpointsIn(directory).at(-1)
    const intact = last
      ? `The one of step ${last.step} is intact, and \`sac resume ${shellWord(directory)}\` resumes from it.`
      : 'There is none from before.'
    const reason = (cause as Error).message.replace(/\.$/, '')
    throw new CheckpointError(`The checkpoint of step ${steps} cannot be saved: ${reason}. ${intact}`, {
      cause,
    })
  }
  for (const { path } of checkpointsIn(directory).slice(0, -KEPT)) writing(path, () => rmSync(path))
  return path
}

/**
 * Reads the newest checkpoint that can be used, and sets those aside that cannot, by another name.
 * @param say receives notes about checkpoints that cannot be used, and about what may make the run differ from before
 * @returns undefined if there is none at all
 * @throws CheckpointError if there are some, but none can be used; then all stay as they are
 * @throws UsageError if the run has taken more steps than it is to take in all; then, too, nothing is changed
 */
export function loadCheckpoint(
  directory: string,
  settings: RunSettings,
  say: (text: string) => void,
): { checkpoint: Checkpoint; path: string } | undefined {
  const files = checkpointsIn(directory).reverse()
  const faults: { path: string; message: string }[] = []
  for (const { path } of files) {
    try {
      const { value, version } = readCheckpointFile(path)
      const checkpoint = value as Checkpoint
      requireSettings(path, checkpoint, settings)
      requireStepsLeft(directory, checkpoint, settings)
      for (const fault of faults) {
        writing(fault.path, () => renameSync(fault.path, fault.path + DAMAGED))
        say(`note: ${fault.message} It is now named ${fault.path + DAMAGED}.`)
      }
      if (version !== packageVersion) {
        say(
          `note: ${path} is from soft-actor-critic ${version}, this is ${packageVersion}; results may differ.`,
        )
      }
      return { checkpoint, path }
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error
      faults.push({ path, message: error.message })
    }
  }
  if (faults.length === 0) return undefined
  throw new CheckpointError(
    `No checkpoint of ${directory} can be used. ${faults.map(fault => fault.message).join(' ')}`,
  )
}

function requireSettings(path: string, checkpoint: Checkpoint, settings: RunSettings): void {
  const own = learningSettings(settings)
  const { algorithm } = settings.options
  // Options that did not exist yet had the effect of their defaults.
  const stored: Record<string, unknown> = {
    ...parseSacOptions({ algorithm }),
    ...withPresentEngine(checkpoint.settings),
  }
  const [name] = differingNames([own, stored])
  if (name === undefined) return
  const [theirs, ours] = [stored[name], own[name]].map(value => JSON.stringify(value))
  throw new CheckpointError(
    `${path} cannot be used: it is of a run with ${name} ${theirs}, not ${ours}. ` +
      'To continue from its weights with other settings, begin a run with --init-from.',
  )
}

/** All may be taken already, but not more. */
function requireStepsLeft(directory: string, { agent }: Checkpoint, { steps, options }: RunSettings): void {
  const taken = agent.counters.steps
  // Environments side by side take whole rounds.
  if (taken <= Math.ceil(steps / options.envs) * options.envs) return
  throw new UsageError(
    `${directory} has taken ${taken} steps already, more than the ${steps} that it is to take in all: ` +
      `name a larger total, as in sac resume ${shellWord(directory)} --steps ${2 * taken}`,
  )
}

/**
 * The checkpoints of a run, the older one first.
 * @throws CheckpointError if one cannot be used
 */
export const keptCheckpoints = (directory: string): Checkpoint[] =>
  checkpointsIn(directory).map(({ path }) => readCheckpointFile(path).value as Checkpoint)

/** By steps, fewest first. */
function checkpointsIn(directory: string): { path: string; step: number }[] {
  const folder = join(directory, RUN_FILES.checkpoints)
  const found = namesIn(folder).flatMap(name => {
    const step = NAME.exec(name)?.[1]
    return step === undefined ? [] : [{ path: join(folder, name), step: Number(step) }]
  })
  return found.sort((a, b) => a.step - b.step)
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
