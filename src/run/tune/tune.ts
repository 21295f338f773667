import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isIn, type Space } from '../../tune/space.ts'
import { trainingArguments } from '../processes/training-arguments.ts'
import { isYetToBegin } from '../run-directory.ts'
import { lockRun } from '../run-lock.ts'
import { UsageError } from '../usage-error.ts'
import { makeFolder } from '../write-file.ts'
import { readStudies } from './journal.ts'
import { type Plan, planOf, type TuneOptions } from './plan.ts'
import { bestTrial, openSearch, type Search, type SearchTrial, settingImportances } from './search.ts'
import { makeTrial, runOf, settingsOfTrial } from './trial-run.ts'

/** What a search has found so far. */
export interface TuneResult {
  /** Where its journal and its runs are. */
  directory: string
  /** Its trials, in the format of Optuna's `JournalFileBackend`. */
  journal: string
  /** What was searched. */
  space: Space
  /** Steps of a trial that is not stopped. */
  steps: number
  /** All trials, in the order of their numbers. */
  trials: SearchTrial[]
  /** The trial with the highest last evaluation. */
  best?: BestTrial
  /** How much each setting decides whether a trial is among the best quarter, most first; missing with fewer than 8 trials. */
  importances?: Record<string, number>
}

/** The trial with the highest last evaluation, and how to train with its settings. */
export interface BestTrial extends SearchTrial {
  /** Its run. */
  run: string
  /** Its settings that differ from the environment's preset, as a config file has them. */
  settings: Record<string, unknown>
  /** Arguments of `sac` that train with them. */
  arguments: string[]
}

const JOURNAL = 'journal.log'

/**
 * Searches for settings with which an agent learns most: trains it in trials, as many at once as asked for, and chooses the
 * settings of the next ones by what the last ones reached. Each trial is an ordinary run. A search that was stopped, in
 * whatever way, resumes when it is called with the same options again.
 * @throws OptionError for a space or settings that are not allowed, naming what is
 * @throws UsageError if the directory has a search with other options, or one that is under way
 * @example
 * const { best, importances } = await tune({
 *   environment: 'Pendulum-v1',
 *   settings: { steps: 3000 },
 *   space: { learningRate: { low: 1e-4, high: 1e-2, log: true }, gamma: [0.95, 0.98, 0.99] },
 *   trials: 20,
 * })
 * console.log(best?.settings, importances)
 */
export async function tune(options: TuneOptions): Promise<TuneResult> {
  const plan = await planOf(options)
  const { directory, space, steps } = plan
  requirePlace(plan)
  makeFolder(directory, { recursive: true })
  const say = (text: string) => options.onEvent?.({ type: 'note', text })
  const lock = await lockRun(directory, { say })
  if (plan.stopping && plan.stopping.firstRung >= steps) {
    say(
      `no trial is stopped early: the first comparison, at step ${plan.stopping.firstRung}, is not before the end (firstRung)`,
    )
  }
  let search: Search
  try {
    search = openSearch(join(directory, JOURNAL), {
      name: plan.name,
      space,
      sampler: plan.sampler,
      stopping: plan.stopping,
      seed: plan.seed,
      about: { settings: plan.settings },
    })
    await makeTrials(plan, search, options)
  } finally {
    lock.release()
  }
  const trials = search.trials()
  const best = bestTrial(trials)
  return {
    directory,
    journal: join(directory, JOURNAL),
    space,
    steps,
    trials,
    ...(best && { best: withSettings(plan, best) }),
    importances: settingImportances(space, trials),
  }
}

/** @throws UsageError if there is something else in the directory, such as a run, or the search for another environment */
function requirePlace({ directory, name }: Plan): void {
  const journal = join(directory, JOURNAL)
  const studies = readStudies(journal)
  if (studies.length > 0 && !studies.some(study => study.name === name)) {
    const names = studies.map(study => study.name).join(', ')
    throw new UsageError(
      `The search in ${directory} is for ${names}, not for ${name}; name another directory.`,
    )
  }
  if (!existsSync(directory) || existsSync(journal) || isYetToBegin(directory)) return
  throw new UsageError(`The directory ${directory} is not empty, and has no search in it; name another one.`)
}

/** Makes the trials that have not ended yet, those first that were begun. */
async function makeTrials(plan: Plan, search: Search, options: TuneOptions): Promise<void> {
  const { onEvent = () => {} } = options
  const fault = new AbortController()
  const signal = AbortSignal.any([fault.signal, ...(options.signal ? [options.signal] : [])])
  const begun = search.trials().filter(({ state, point }) => state === 'running' && isIn(plan.space, point))
  const next = () => {
    if (signal.aborted) return undefined
    const open = begun.shift()
    if (open) return open
    const trials = search.trials()
    return trials.length < plan.trials && !isHopeless(trials) ? search.next() : undefined
  }
  const work = async () => {
    for (let trial = next(); trial; trial = next()) {
      onEvent({ type: 'begin', trial })
      const message =
        (await makeTrial(plan, search, trial, { signal, onEvent })) ?? 'Its process was stopped.'
      const after = search.trials()[trial.number]
      if (after.state !== 'running') onEvent({ type: 'end', trial: after })
      else if (!signal.aborted) onEvent({ type: 'interrupted', trial: after, message })
    }
  }
  // All of them end before an error of one is thrown.
  const outcomes = await Promise.allSettled(
    Array.from({ length: plan.jobs }, () =>
      work().catch(error => {
        fault.abort()
        throw error
      }),
    ),
  )
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  const trials = search.trials()
  if (!isHopeless(trials)) return
  throw new UsageError(
    `All of the ${trials.length} trials have failed, the last one with: ${trials[trials.length - 1].message}`,
  )
}

/** Trials that fail before it is certain enough that all will. */
const HOPE = 3

const isHopeless = (trials: readonly SearchTrial[]): boolean =>
  trials.length >= HOPE && trials.every(({ state }) => state === 'failed')

function withSettings(plan: Plan, trial: SearchTrial): BestTrial {
  const settings = settingsOfTrial(plan, trial.point)
  return { ...trial, run: runOf(plan, trial.number), settings, arguments: trainingArguments(settings) }
}
