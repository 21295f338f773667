import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { availableCores } from '../../available-cores.ts'
import { formatValue } from '../../option-text.ts'
import type { RunSettings } from '../../run/settings.ts'
import { type Cell, nameOf, type Study, type Training, trainingsOf } from '../../run/study/study-file.ts'
import { studyPage } from '../../run/study/study-page.ts'
import {
  collectResults,
  type Origin,
  originHere,
  resultOf,
  type StudyResults,
} from '../../run/study/study-results.ts'
import { writeFileAtomically } from '../../run/write-file.ts'
import { flagName } from '../option-flags.ts'
import { showStudy } from '../output/study-progress.ts'
import type { Interruption } from './stop-signals.ts'
import { trainInProcess } from './train-process.ts'

/** All that making a study needs. */
export interface StudyRun {
  study: Study
  /** Where its runs, results and page are, or go. */
  directory: string
  /** The command that makes it, for its page. */
  command: string
  /** What the repository around it is at, for its page. */
  commit?: string
  /** The settings that a training would use: its own, the preset's and defaults. */
  resolve(training: Training): RunSettings
  stdout: NodeJS.WriteStream
  stderr: { write(text: string): unknown }
  signal: AbortSignal
}

/** Evaluations during a training, unless the study says how often. */
const EVALUATIONS = 20

/**
 * Makes the trainings of a study that have not ended yet, as many at once as there are cores, each in a process of its
 * own with one thread; then writes its results and its page.
 *
 * @returns the exit code: 0 if every training has ended, in divergence too, which is a result
 */
export async function makeStudy(run: StudyRun): Promise<number> {
  const { study, directory, stdout, stderr, signal } = run
  const all = trainingsOf(study).map(training => ({ training, settings: run.resolve(training) }))
  const isOpen = ({ training }: { training: Training }) =>
    resultOf(training, join(directory, training.directory)).status === 'open'
  const waiting = all.filter(isOpen)
  // Where nothing is left to train, what is there was trained where its results say.
  const origin = (waiting.length === 0 && originBefore(directory)) || originHere(run.commit)
  const atOnce = Math.max(1, Math.min(waiting.length, availableCores()))
  mkdirSync(directory, { recursive: true })
  stdout.write(
    `${study.title}: ${all.length} trainings, ${all.length - waiting.length} of them done before, in ${directory}\n`,
  )
  const jobs = all.map(({ training, settings }) => {
    return { training, steps: settings.steps, directory: join(directory, training.directory) }
  })
  const progress = await showStudy(jobs, { atOnce, stream: stdout })
  const onAbort = () => progress.note('Stopping; the same command resumes the study.')
  signal.addEventListener('abort', onAbort)
  const next = () => (signal.aborted ? undefined : waiting.shift())
  try {
    const work = async () => {
      for (let job = next(); job; job = next()) {
        const { training, settings } = job
        const errors = await trainInProcess(argumentsOf(training, settings, directory), signal)
        if (errors) progress.note(`${nameOf(training)}, seed ${training.seed}: ${errors}`)
        if (errors && isOpen(job))
          stderr.write(`error: ${nameOf(training)}, seed ${training.seed} left no result\n`)
        writePage(run, origin)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, work))
  } finally {
    progress.stop()
    signal.removeEventListener('abort', onAbort)
  }
  writePage(run, origin)
  stdout.write(`The page of the study: ${join(directory, 'README.md')}\n`)
  if (signal.aborted) return (signal.reason as Interruption).exitCode
  return all.some(isOpen) ? 1 : 0
}

function originBefore(directory: string): Origin | undefined {
  const file = join(directory, 'results.json')
  if (!existsSync(file)) return undefined
  const { machine, commit }: StudyResults = JSON.parse(readFileSync(file, 'utf8'))
  return { machine, ...(commit && { commit }) }
}

/** Writes `results.json`, and the page that is made from it. */
function writePage({ study, directory, command, resolve }: StudyRun, origin: Origin): void {
  const results = collectResults(study, directory, origin)
  const trainings = trainingsOf(study)
  const commandOf = (cell: Cell) => {
    const training = trainings.find(training => nameOf(training) === nameOf(cell))!
    return `sac ${flagsOf(training, resolve(training)).join(' ')}`
  }
  writeFileAtomically(join(directory, 'results.json'), `${JSON.stringify(results, null, 1)}\n`)
  for (const [file, text] of Object.entries(studyPage(results, { command, commandOf }))) {
    writeFileAtomically(join(directory, file), text)
  }
}

/** Arguments of `sac` for a training that is begun or resumed. */
const argumentsOf = (training: Training, settings: RunSettings, directory: string) => [
  ...flagsOf(training, settings),
  ...['--threads', '1', '--env-threads', '0', '--resume', '--out', join(directory, training.directory)],
]

/** Arguments for one training, as people would write them. */
function flagsOf({ settings }: Training, { steps, evaluateEvery }: RunSettings): string[] {
  const { environment, environmentOptions = {}, ...rest } = settings
  const every =
    evaluateEvery === 'never' ? { evaluateEvery: Math.max(1, Math.round(steps / EVALUATIONS)) } : {}
  const flags = Object.entries({ ...rest, ...every }).flatMap(([name, value]) => [
    flagName(name),
    formatValue(value),
  ])
  const options = Object.entries(environmentOptions as Record<string, unknown>).flatMap(([name, value]) => [
    '--env-option',
    `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  ])
  return ['train', environment, ...flags, ...options]
}
