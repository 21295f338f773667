/** A run while it trains: its directory, its agent, and who writes its record. */
import type { Env } from '../env/env.ts'
import { SAC } from '../sac/agent.ts'
import type { TrainOptions } from '../training/train-options.ts'
import { endOf } from './metrics-file.ts'
import { changeRunSteps, claimRunDirectory, type RunPlace, writeRunConfig } from './run-directory.ts'
import { lockRun, type RunLock } from './run-lock.ts'
import { type Origin, openRunRecord, type RunRecord, restoreAgent } from './run-record.ts'
import { agentOptions, evaluationLimit, type RunSettings } from './settings.ts'
import { takeDemonstrations } from './take-demonstrations.ts'
import { warmStart } from './warm-start.ts'

/** What a run is begun or resumed with. */
export interface RunInput {
  /** What to train, and how: of `parseSettings` or `loadSettings`. */
  settings: RunSettings
  /** As many as `settings.options.envs`. */
  envs: readonly Env[]
  /** Receives notes. Default: nobody. */
  say?: (text: string) => void
  /** Stops the reading of demonstrations; the promise then rejects with its reason. */
  signal?: AbortSignal
}

/** What `beginRun` takes. */
export interface BeginRunInput extends RunInput {
  /** Where to put it. Default: a directory of its own in `runs`. */
  place?: RunPlace
}

/** What `resumeRun` takes. */
export interface ResumeRunInput extends RunInput {
  /** Where the run is. */
  directory: string
}

/** A run that this process alone may train, until it is closed. */
export interface OpenRun {
  /** Where it is on disk. */
  readonly directory: string
  /** What it is trained with. */
  readonly settings: RunSettings
  /** The environments it is trained in, side by side. */
  readonly envs: readonly Env[]
  /** What learns; `close` frees it. */
  readonly agent: SAC
  /** Where it resumes; undefined if it begins. */
  readonly origin: Origin | undefined
  /** Whether it had taken all of its steps already. */
  readonly finished: boolean
  /** Opens its metrics, event files and checkpoints to write to them. */
  record(): RunRecord
  /** What `train` takes to do what the settings say, with the record that is written. */
  trainOptions(record: RunRecord): TrainOptions
  /** Gives the directory back and frees the agent. What was not saved by then is lost. */
  close(): Promise<void>
}

/**
 * Begins a run in a directory of its own.
 * @throws UsageError if the place is taken, or `initFrom` does not fit; no directory is made then
 * @throws WriteError if the directory cannot be written
 * @example
 * const settings = parseSettings({ environment: 'Pendulum-v1', steps: 5000 })
 * const run = await beginRun({ settings, envs: [await makeEnv('Pendulum-v1')], place: { out: 'runs/mine' } })
 */
export async function beginRun(input: BeginRunInput): Promise<OpenRun> {
  const { settings, place = {}, say } = input
  return withAgent(input, async agent => {
    await prepare(agent, input)
    const { directory, lock } = await claimRunDirectory(settings, place, { say })
    return whileLocked(lock, async () => {
      writeRunConfig(directory, settings, agent.engine)
      return openRun(input, { agent, directory, lock })
    })
  })
}

/**
 * Resumes a run in its directory, exactly. Nothing is written before its checkpoint has been found intact.
 * @throws UsageError if another process trains it, or it cannot be resumed with these settings
 * @throws CheckpointError if it has checkpoints, but none can be used
 * @example
 * const directory = 'runs/mine'
 * const run = await resumeRun({ settings: loadSettings(directory), directory, envs: [await makeEnv('Pendulum-v1')] })
 */
export async function resumeRun(input: ResumeRunInput): Promise<OpenRun> {
  const { settings, directory, say = () => {} } = input
  return withAgent(input, async agent => {
    const lock = await lockRun(directory, { say })
    return whileLocked(lock, async () => {
      const origin = restoreAgent(agent, directory, settings, say)
      const finished = origin !== undefined && agent.steps >= settings.steps && endOf(directory) === 'steps'
      if (!origin) {
        say(`${directory} was killed before its first checkpoint, and begins again.`)
        await prepare(agent, input)
        writeRunConfig(directory, settings, agent.engine)
      } else if (!finished) changeRunSteps(directory, settings.steps)
      return openRun(input, { agent, directory, lock, origin, finished })
    })
  })
}

async function withAgent(
  { settings, envs }: RunInput,
  open: (agent: SAC) => Promise<OpenRun>,
): Promise<OpenRun> {
  const agent = await SAC.create(envs[0], agentOptions(settings))
  try {
    return await open(agent)
  } catch (error) {
    await agent.dispose()
    throw error
  }
}

/** What an agent begins with that it has not learned itself. A checkpoint has it all. */
async function prepare(agent: SAC, { settings, signal, say = () => {} }: RunInput): Promise<void> {
  if (settings.initFrom !== undefined) warmStart(agent, settings.initFrom)
  const taken = await takeDemonstrations(agent, settings, signal)
  if (!taken) return
  const { transitions, kept } = taken
  say(`Learning from ${formatCount(transitions)} transitions of ${settings.demonstrations}`)
  if (kept < transitions) {
    say(`note: only the last ${formatCount(kept)} of them are kept, because bufferSize is no larger`)
  }
}

const formatCount = (count: number) => count.toLocaleString('en-US')

async function whileLocked(lock: RunLock, open: () => Promise<OpenRun>): Promise<OpenRun> {
  try {
    return await open()
  } catch (error) {
    lock.release()
    throw error
  }
}

interface Opened {
  agent: SAC
  directory: string
  lock: RunLock
  origin?: Origin
  finished?: boolean
}

function openRun(
  { settings, envs }: RunInput,
  { agent, directory, lock, origin, finished = false }: Opened,
): OpenRun {
  const { evaluateEvery, evaluationEpisodes } = settings
  return {
    directory,
    settings,
    envs,
    agent,
    origin,
    finished,
    record: () => openRunRecord(directory, settings, agent, lock, origin),
    trainOptions: ({ checkpointEvery }) => ({
      steps: Math.max(0, settings.steps - agent.steps),
      evaluateEvery: evaluateEvery === 'never' ? undefined : evaluateEvery,
      evaluationEpisodes,
      evaluationSteps: evaluationLimit(settings),
      checkpointEvery,
      state: origin?.training,
    }),
    async close() {
      lock.release()
      await agent.dispose()
    },
  }
}
