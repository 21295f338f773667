import { createDoctor } from '../doctor/doctor.ts'
import type { Env } from '../env/env.ts'
import { environmentName } from '../run/environment-path.ts'
import type { EndReason } from '../run/metrics.ts'
import { createRunDirectory, type RunPlace, saveAgent, writeRunConfig } from '../run/run-directory.ts'
import { openRunLog } from '../run/run-log.ts'
import { examinationInterval, logInterval, type RunSettings } from '../run/settings.ts'
import { SAC } from '../sac/agent.ts'
import { evaluate } from '../training/evaluate.ts'
import { train } from '../training/train.ts'
import { describeDiagnosis } from './diagnosis.ts'
import { describeError } from './errors.ts'
import { formatCount, formatDuration, formatReturn } from './format.ts'
import { interruptible } from './interruptible.ts'
import { createProgress } from './progress.ts'
import { Interruption } from './stop-signals.ts'

/** All that a training run needs. */
export interface TrainingRun {
  settings: RunSettings
  /** As many as `settings.options.envs`. */
  envs: readonly Env[]
  /** Another of the same kind, for evaluations alone. */
  evaluationEnv: Env
  place: RunPlace
  /** Receives progress and results. */
  stdout: NodeJS.WriteStream
  /** Receives errors. */
  stderr: { write(text: string): unknown }
  /** Stops the run after the present step; its reason is an `Interruption`. */
  signal: AbortSignal
}

/**
 * Trains, saves and evaluates, and tells about it. Whatever ends training, what was learned up to there is saved.
 *
 * @returns the exit code
 * @throws Error of any kind if the run cannot begin (no directory is made then), or if it cannot be saved
 */
export async function runTraining(run: TrainingRun): Promise<number> {
  const { settings, signal } = run
  const agent = await SAC.create(run.envs[0], settings.options)
  const directory = createRunDirectory(settings, run.place)
  writeRunConfig(directory, settings, agent.learner.program.engine)
  const log = openRunLog(directory, agent, logInterval(settings))
  const examine = createDoctor(agent, { every: examinationInterval(settings) })
  const progress = await createProgress(run.stdout, settings.steps)
  const complain = ({ reason, message }: Outcome) =>
    reason === 'error' && run.stderr.write(`error: ${message}\n`)
  const onAbort = () => progress.note('Stopping after this step; a second signal stops at once, unsaved.')
  signal.addEventListener('abort', onAbort)
  try {
    await announce(agent, settings, directory, progress.note)
    const started = performance.now()
    let outcome = await outcomeOf(signal, async () => {
      for await (const event of train(
        agent,
        run.envs.map(env => interruptible(env)),
        trainOptions(run),
      )) {
        // First, for an examination is of the time before the event.
        const examination = examine(event)
        if (examination) log.examined(examination)
        for (const diagnosis of examination?.fresh ?? []) progress.note(describeDiagnosis(diagnosis))
        log.observe(event)
        progress.observe(event)
      }
    })
    progress.stop()
    signal.removeEventListener('abort', onAbort)
    complain(outcome)

    saveAgent(directory, agent)
    const learned = `${formatCount(agent.steps)} steps, ${formatCount(agent.updates)} updates`
    const duration = formatDuration((performance.now() - started) / 1000)
    if (outcome.reason === 'steps') {
      progress.note(`Trained for ${learned} in ${duration}; saved in ${directory}`)
      outcome = await outcomeOf(signal, async () => {
        const env = interruptible(run.evaluationEnv, signal)
        const { evaluationEpisodes: episodes, options } = settings
        const evaluation = await evaluate(agent, env, { episodes, seed: options.seed })
        log.observe({ type: 'evaluation', step: agent.steps, ...evaluation })
        progress.note(`Evaluation: ${formatReturn(evaluation)}`)
        progress.note(`To evaluate it again: sac eval ${directory}`)
      })
      complain(outcome)
      if (outcome.reason === 'aborted') progress.note('The evaluation was stopped.')
    } else {
      progress.note(`Stopped after ${learned}; saved in ${directory}`)
    }
    log.end(outcome.reason, outcome.message)
    return outcome.exitCode
  } finally {
    progress.stop()
    signal.removeEventListener('abort', onAbort)
    await agent.dispose()
  }
}

/** Says what is about to happen, and what is odd about it. */
async function announce(
  agent: SAC,
  { environment, options, steps }: RunSettings,
  directory: string,
  say: (text: string) => void,
): Promise<void> {
  const { notice } = agent.learner.program
  if (notice) say(`note: ${notice}`)
  say(
    `${environmentName(environment)}, ${formatCount(steps)} steps with seed ${options.seed}, on ${agent.learner.program.engine}`,
  )
  say(`Run directory: ${directory}`)
  if (options.learningStarts >= steps) {
    say(`note: nothing is learned, for all steps come before learningStarts (${options.learningStarts})`)
  }
}

function trainOptions({ settings, evaluationEnv, signal }: TrainingRun) {
  const { steps, evaluateEvery, evaluationEpisodes } = settings
  return {
    steps,
    evaluateEvery: evaluateEvery === 'never' ? undefined : evaluateEvery,
    evaluationEpisodes,
    evaluationEnv: interruptible(evaluationEnv, signal),
    signal,
  }
}

interface Outcome {
  reason: EndReason
  message?: string
  exitCode: number
}

/** Does some work and says how it ended, also if it threw. */
async function outcomeOf(signal: AbortSignal, work: () => Promise<void>): Promise<Outcome> {
  try {
    await work()
  } catch (error) {
    // An interrupted evaluation throws the signal's reason, which `evaluate` wraps as it does any error of a step.
    const interrupted = error instanceof Error && error.cause instanceof Interruption
    if (!interrupted) return { reason: 'error', message: describeError(error), exitCode: 1 }
  }
  if (!signal.aborted) return { reason: 'steps', exitCode: 0 }
  const { message, exitCode } = signal.reason as Interruption
  return { reason: 'aborted', message, exitCode }
}
