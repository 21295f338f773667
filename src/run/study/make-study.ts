import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { availableCores } from '../../available-cores.ts'
import { OptionError } from '../../options.ts'
import { presetSettings } from '../preset-settings.ts'
import { doAll, trainInProcess } from '../processes/train-in-process.ts'
import { trainingArguments } from '../processes/training-arguments.ts'
import type { RunSettings } from '../settings.ts'
import { UsageError } from '../usage-error.ts'
import { writeFileAtomically } from '../write-file.ts'
import { type Cell, nameOf, type Study, type Training, trainingsOf } from './study-file.ts'
import { studyPage } from './study-page.ts'
import { collectResults, type Origin, originHere, resultOf, type StudyResults } from './study-results.ts'

/** How `makeStudy` makes a study. */
export interface MakeStudyOptions {
  /** Where its runs, results and page are, or go. */
  directory: string
  /** What makes it, for its page. Default: nothing is said about it. */
  command?: string
  /** What the repository around it is at, for its page. Default: nothing is said about it. */
  commit?: string
  /** Stops its trainings, which save what they have learned; the same call then resumes the study. */
  signal?: AbortSignal
  /** Called before the first training, with all there are and how many are made at once. */
  onBegin?(jobs: readonly StudyJob[], atOnce: number): void | Promise<void>
  /** Called when a training has ended; `error` has its error messages if it failed. */
  onTraining?(job: StudyJob, error: string | undefined): void
}

/** A training of a study, and where its run is. */
export interface StudyJob {
  /** What it is. */
  training: Training
  /** Environment steps of it. */
  steps: number
  /** The directory of its run. */
  directory: string
  /** Whether it has still to be made, as far as is known when the study begins. */
  open: boolean
}

/** Evaluations during a training, unless the study says how often. */
const EVALUATIONS = 20

/**
 * Makes the trainings of a study that have not ended yet, as many at once as there are cores, each in a process of its
 * own with one thread. Its results (`results.json`) and its page (`README.md`) are written after each of them.
 *
 * @param study as `parseStudy` gives it
 * @returns its results: also those of trainings that have diverged, and of those that are still open
 * @throws UsageError that names the cell whose settings are not valid; nothing is trained then
 * @example
 * const study = parseStudy({ title: 'Temperatures', seeds: 3, tasks: { 'Pendulum-v1': {} }, variants: { SAC: {}, 'alpha 0': { temperature: 0 } } })
 * const { results } = await makeStudy(study, { directory: 'temperatures' })
 */
export async function makeStudy(study: Study, options: MakeStudyOptions): Promise<StudyResults> {
  const { directory, commit, signal, onBegin, onTraining } = options
  const settings = new Map(trainingsOf(study).map(training => [training.directory, resolve(training)]))
  const settingsOf = (training: Training) => settings.get(training.directory)!
  const jobs = trainingsOf(study).map((training): StudyJob => {
    const place = join(directory, training.directory)
    return { training, steps: settingsOf(training).steps, directory: place, open: isOpen(training, place) }
  })
  const waiting = jobs.filter(({ open }) => open)
  // Where nothing is left to train, what is there was trained where its results say.
  const origin = (waiting.length === 0 && originBefore(directory)) || originHere(commit)
  const write = () => writePage(study, settingsOf, options, origin)
  const atOnce = Math.max(1, Math.min(waiting.length, availableCores()))
  mkdirSync(directory, { recursive: true })
  await onBegin?.(jobs, atOnce)
  const train = async (job: StudyJob) => {
    const { training } = job
    const error = await trainInProcess(argumentsOf(training, settingsOf(training), job.directory), signal)
    onTraining?.(job, error)
    write()
  }
  await doAll(waiting, atOnce, train, signal)
  return write()
}

/** Whether a training has still to be made, or resumed. */
export const isOpen = (training: Training, directory: string): boolean =>
  resultOf(training, directory).status === 'open'

/** The settings that a training uses: its own, the preset's and defaults. */
function resolve(training: Training): RunSettings {
  try {
    return presetSettings(training.settings as Parameters<typeof presetSettings>[0])
  } catch (cause) {
    if (!(cause instanceof OptionError || cause instanceof UsageError)) throw cause
    throw new UsageError(`${nameOf(training)}: ${cause.message}`, { cause })
  }
}

function originBefore(directory: string): Origin | undefined {
  const file = join(directory, 'results.json')
  if (!existsSync(file)) return undefined
  const { machine, commit }: StudyResults = JSON.parse(readFileSync(file, 'utf8'))
  return { machine, ...(commit && { commit }) }
}

/** Writes `results.json`, and the page that is made from it. */
function writePage(
  study: Study,
  settingsOf: (training: Training) => RunSettings,
  { directory, command }: MakeStudyOptions,
  origin: Origin,
): StudyResults {
  const results = collectResults(study, directory, origin)
  const trainings = trainingsOf(study)
  const commandOf = (cell: Cell) => {
    const training = trainings.find(training => nameOf(training) === nameOf(cell))!
    return `sac ${flagsOf(training, settingsOf(training)).join(' ')}`
  }
  writeFileAtomically(join(directory, 'results.json'), `${JSON.stringify(results, null, 1)}\n`)
  for (const [file, text] of Object.entries(studyPage(results, { command, commandOf }))) {
    writeFileAtomically(join(directory, file), text)
  }
  return results
}

/** Arguments of `sac` for a training that is begun or resumed. */
const argumentsOf = (training: Training, settings: RunSettings, directory: string) => [
  ...flagsOf(training, settings),
  ...['--threads', '1', '--env-threads', '0', '--resume', '--out', directory],
]

/** Arguments for one training, as people would write them. */
function flagsOf({ settings }: Training, { steps, evaluateEvery }: RunSettings): string[] {
  const every =
    evaluateEvery === 'never' ? { evaluateEvery: Math.max(1, Math.round(steps / EVALUATIONS)) } : {}
  return trainingArguments({ ...settings, ...every })
}
