import { setImmediate } from 'node:timers/promises'
import { availableCores } from '../../available-cores.ts'
import type { Env } from '../../env/env.ts'
import { episodeSeed } from '../../env/episode-seed.ts'
import { printable, printableLines } from '../../printable.ts'
import { CheckpointError } from '../../run/checkpoint-file.ts'
import { environmentName } from '../../run/environment-path.ts'
import type { EndReason } from '../../run/metrics.ts'
import { beginRun, type OpenRun, resumeRun } from '../../run/open-run.ts'
import type { RunPlace } from '../../run/run-directory.ts'
import type { Origin } from '../../run/run-record.ts'
import { evaluationLimit, type RunSettings } from '../../run/settings.ts'
import { UsageError } from '../../run/usage-error.ts'
import type { SAC } from '../../sac/agent.ts'
import { type Evaluation, evaluate } from '../../training/evaluate.ts'
import type { TrainingEvent } from '../../training/events.ts'
import { EnvironmentError } from '../../training/guarded-env.ts'
import type { TrainingState } from '../../training/lanes.ts'
import { train } from '../../training/train.ts'
import type { TrainOptions } from '../../training/train-options.ts'
import { trustOwnRun } from '../environments/require-trust.ts'
import { sacCommand, whatNext } from '../output/commands.ts'
import { describeDiagnosis } from '../output/diagnosis.ts'
import { describeError } from '../output/errors.ts'
import { reportEpisodes } from '../output/evaluation-progress.ts'
import { describeCutOff, formatCount, formatDuration, formatReturn } from '../output/format.ts'
import { createProgress } from '../output/progress.ts'
import { createAnswering, PATIENCE_MS } from './answering.ts'
import { Interruption } from './stop-signals.ts'

type EvaluationEvent = Extract<TrainingEvent, { type: 'evaluation' }>

/** What trains an agent in environments, as `train` does, and may have something to say. */
export type TrainingLoop = (
  agent: SAC,
  envs: readonly Env[],
  options: TrainOptions,
  say: (text: string) => void,
) => AsyncIterable<TrainingEvent>

/** A run that does not act alone. */
export interface WithActors {
  loop: TrainingLoop
  /** What a command needs to resume it, as in ` --nats nats://broker:4222 --run walkers`. */
  flags: string
}

/** All that a training run needs. */
export interface TrainingRun {
  settings: RunSettings
  /** As many as `settings.options.envs`. */
  envs: readonly Env[]
  /** Another of the same kind, for evaluations alone. */
  evaluationEnv: Env
  /** Where to make its directory, or the directory of a run to resume. */
  place: RunPlace | { resume: string }
  /** Missing for a run that acts alone. */
  actors?: WithActors
  /** Receives progress and results. */
  stdout: NodeJS.WriteStream
  /** Receives errors. */
  stderr: { write(text: string): unknown }
  /** Stops the run after the present step; its reason is an `Interruption`. */
  signal: AbortSignal
}

/**
 * Trains, saves, evaluates and reports, from the start or from where a run was stopped. Whatever ends
 * training, what was learned up to there is saved.
 *
 * @returns the exit code
 * @throws Error of any kind if the run cannot begin (no directory is made then), or if it cannot be saved
 */
export async function runTraining(run: TrainingRun): Promise<number> {
  const { settings, envs, place, signal } = run
  const say = (text: string) => run.stdout.write(`${printableLines(text)}\n`)
  const input = { settings, envs, say, signal }
  const open =
    'resume' in place
      ? await resumeRun({ ...input, directory: place.resume })
      : await beginRun({ ...input, place })
  const { agent, directory, origin } = open
  try {
    requireSameKind(run, open)
    if (!origin) trustOwnRun(directory, settings, say)
    if (!open.finished) return await trainAndEvaluate(run, open)
    say(
      `${directory} has finished, after ${formatCount(agent.steps)} steps. ` +
        `To train it further, name a larger total: ${toResume(run, directory)} --steps ${2 * agent.steps}`,
    )
    return 0
  } finally {
    await open.close()
  }
}

const toResume = ({ actors }: TrainingRun, directory: string) =>
  sacCommand('resume', directory) + (actors?.flags ?? '')

/** @throws UsageError if a run that learns from actors is to act alone, or the other way round */
function requireSameKind({ actors }: TrainingRun, { directory, origin }: OpenRun): void {
  if (!origin || (origin.training.experience !== undefined) === (actors !== undefined)) return
  throw new UsageError(
    actors
      ? `${directory} acts alone, so that no actors can join it: ${sacCommand('resume', directory)}`
      : `${directory} learns from actors: ${sacCommand('resume', directory)} --nats <url> --run <name>`,
  )
}

async function trainAndEvaluate(run: TrainingRun, open: OpenRun): Promise<number> {
  const { settings, signal } = run
  const { agent, directory, origin } = open
  const record = open.record()
  const progress = await createProgress(run.stdout, settings.steps)
  const complain = ({ reason, message }: Outcome) =>
    reason === 'error' && run.stderr.write(`${printableLines(`error: ${message}`)}\n`)
  const onAbort = () => progress.note('Stopping after this step; a second signal stops at once, unsaved.')
  signal.addEventListener('abort', onAbort)
  const answering = createAnswering(signal)
  const evaluationEnv = answering.watch(run.evaluationEnv)
  try {
    announce(run, agent, directory, origin, progress.note)
    const started = performance.now()
    const before = agent.steps
    let training: TrainingState | undefined
    let lastEvaluation: EvaluationEvent | undefined
    let outcome = await outcomeOf(signal, async () => {
      const options = { ...open.trainOptions(record), evaluationEnv, signal }
      const loop = run.actors?.loop ?? train
      for await (const event of loop(agent, run.envs.map(answering.watch), options, progress.note)) {
        const examination = record.observe(event)
        for (const diagnosis of examination?.fresh ?? []) progress.note(describeDiagnosis(diagnosis))
        progress.observe(event)
        if (event.type === 'done') training = event.state
        if (event.type === 'evaluation') lastEvaluation = event
      }
    })
    progress.stop()
    signal.removeEventListener('abort', onAbort)
    complain(outcome)
    if (outcome.unsaved) return outcome.exitCode

    // What actors have sent stays in the log, where only a state of the loop says what of it was learned from.
    const isInLog = run.actors !== undefined && training === undefined
    if (outcome.reason === 'error' && (isInLog || (origin && agent.steps === before))) {
      // The checkpoint has the episodes in progress, which a new one would lack.
      record.end(outcome.reason, outcome.message)
      const what = isInLog ? 'What has come since is in the log' : 'Nothing was done'
      progress.note(`${what}; the last checkpoint stays. To resume: ${toResume(run, directory)}`)
      return outcome.exitCode
    }
    record.save(training)
    const learned = `${formatCount(agent.steps)} steps, ${formatCount(agent.updates)} updates`
    const duration = formatDuration((performance.now() - started) / 1000)
    if (outcome.reason === 'steps') {
      const now = before > 0 ? `, the last ${formatCount(agent.steps - before)} steps` : ''
      progress.note(`Trained for ${learned}${now} in ${duration}; saved in ${printable(directory)}`)
      outcome = await outcomeOf(signal, async () => {
        let evaluation: Evaluation
        if (lastEvaluation?.step === agent.steps) evaluation = lastEvaluation
        else {
          evaluation = await evaluate(agent, evaluationEnv, {
            episodes: settings.evaluationEpisodes,
            maxSteps: evaluationLimit(settings),
            seed: episodeSeed(evaluationEnv, settings.options.seed),
            onEpisode: reportEpisodes(settings.evaluationEpisodes, progress.note),
            signal,
          })
          record.observe({ type: 'evaluation', step: agent.steps, ...evaluation })
        }
        progress.note(`Evaluation: ${formatReturn(evaluation)}`)
        if (evaluation.cutOff) progress.note(describeCutOff(evaluation))
        progress.note(whatNext(directory))
      })
      complain(outcome)
      if (outcome.reason === 'aborted') progress.note('The evaluation was stopped.')
    } else {
      if (outcome.unanswered) {
        progress.note(
          `note: the environment had not answered ${PATIENCE_MS / 1000} s after the order to stop; its step is lost`,
        )
      }
      progress.note(`Stopped after ${learned}; saved in ${printable(directory)}`)
      if (settings.checkpointEvery !== 'never') progress.note(`To resume: ${toResume(run, directory)}`)
    }
    record.end(outcome.reason, outcome.message)
    return outcome.exitCode
  } finally {
    answering.release()
    progress.stop()
    signal.removeEventListener('abort', onAbort)
  }
}

/** Says what is about to happen, and what is odd about it. */
function announce(
  { settings, envs }: TrainingRun,
  agent: SAC,
  directory: string,
  origin: Origin | undefined,
  say: (text: string) => void,
): void {
  const { environment, options, steps, checkpointEvery, initFrom } = settings
  const { engineNotice: notice, engine } = agent
  if (notice) say(`note: ${notice}`)
  const name = environmentName(environment)
  say(`${name}, ${formatCount(steps)} steps with seed ${options.seed}, on ${engine}`)
  say(`Run directory: ${directory}`)
  if (origin) say(`Resuming after step ${formatCount(agent.steps)}, from ${origin.path}`)
  else if (initFrom !== undefined) {
    say(`Beginning with the weights of ${initFrom}`)
    say(
      `Acting by its policy from the first step on; learning starts after step ${formatCount(options.learningStarts)}`,
    )
  }
  if (checkpointEvery !== 'never' && !(envs[0].getState && envs[0].setState)) {
    say(
      `note: ${name} cannot save its state (getState, setState); when the run is resumed after a stop, ` +
        'it begins a new episode',
    )
  }
  const cores = availableCores()
  if (options.threads !== 'auto' && options.threads > cores) {
    say(
      `note: ${options.threads} threads are more than the ${cores} cores of this machine, and slower than ` +
        `--threads ${cores}`,
    )
  }
  if (options.learningStarts >= steps) {
    say(`note: nothing is learned, because all steps come before learningStarts (${options.learningStarts})`)
  }
}

interface Outcome {
  reason: EndReason
  message?: string
  exitCode: number
  /** It ended because nothing could be saved any more. */
  unsaved?: boolean
  /** It was ended although an environment had not answered. */
  unanswered?: boolean
}

/** Does some work and says how it ended, also if it threw. */
async function outcomeOf(signal: AbortSignal, work: () => Promise<void>): Promise<Outcome> {
  let unanswered = false
  try {
    await work()
    // Short work ends within one turn of the event loop, and Node reports rejections without a handler after it.
    await setImmediate()
  } catch (error) {
    // An evaluation that is stopped throws the signal's reason, and so do environments that do not answer.
    unanswered = error instanceof EnvironmentError && signal.aborted && error.cause === signal.reason
    if (!(unanswered || error instanceof Interruption)) {
      const unsaved = error instanceof CheckpointError
      return { reason: 'error', message: describeError(error), exitCode: 1, unsaved }
    }
  }
  if (!signal.aborted) return { reason: 'steps', exitCode: 0 }
  const { reason } = signal
  if (!(reason instanceof Interruption))
    return { reason: 'error', message: describeError(reason), exitCode: 1, unanswered }
  return { reason: 'aborted', message: reason.message, exitCode: reason.exitCode, unanswered }
}
