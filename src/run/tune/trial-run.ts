import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Report } from '../../tune/trial.ts'
import { readMetrics } from '../metrics-file.ts'
import { parseLine } from '../parse-metrics.ts'
import { trainInProcess } from '../processes/train-in-process.ts'
import { trainingArguments } from '../processes/training-arguments.ts'
import { RUN_FILES } from '../run-directory.ts'
import { isTraining } from '../run-lock.ts'
import type { Plan, TuneOptions } from './plan.ts'
import type { Search, SearchTrial } from './search.ts'
import { settingsOf } from './space-file.ts'

/** The directory of a trial's run. */
export const runOf = ({ directory }: Plan, number: number) =>
  join(directory, `trial-${String(number).padStart(3, '0')}`)

/** Settings of a trial that differ from the environment's preset, as a config file has them. */
export const settingsOfTrial = ({ settings }: Plan, point: SearchTrial['point']) => ({
  ...settings,
  ...settingsOf(point),
})

const POLL_MS = 250

/** Trains a trial until it ends. @returns the error messages of its process, if that failed */
export async function makeTrial(
  plan: Plan,
  search: Search,
  { number, point }: SearchTrial,
  { signal, onEvent }: Pick<TuneOptions, 'signal' | 'onEvent'>,
): Promise<string | undefined> {
  const directory = runOf(plan, number)
  await othersToEnd(directory, signal, text => onEvent?.({ type: 'note', text: `Trial ${number}: ${text}` }))
  if (signal?.aborted || settle(plan, search, number)) return undefined
  const stop = new AbortController()
  const settings = {
    ...settingsOfTrial(plan, point),
    seed: plan.seed + number,
    evaluateEvery: plan.evaluateEvery,
  }
  const own = ['--threads', '1', '--env-threads', '0', '--resume', '--out', directory]
  let ended = false
  const training = trainInProcess(
    [...trainingArguments(settings), ...own],
    AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]),
  ).finally(() => {
    ended = true
  })
  try {
    while (!ended) {
      await Promise.race([training, setTimeout(POLL_MS)])
      if (reportNew(plan, search, number)) stop.abort()
    }
  } finally {
    // Also where a report cannot be written.
    if (!ended) stop.abort()
    await training
  }
  settle(plan, search, number)
  return training
}

/** The process of a search that was killed ends by itself, at its next output. */
async function othersToEnd(
  directory: string,
  signal: AbortSignal | undefined,
  say: (text: string) => void,
): Promise<void> {
  if (isTraining(directory) !== true) return
  say(`another process still trains ${directory}; waiting for its end`)
  while (isTraining(directory) === true && !signal?.aborted) await setTimeout(POLL_MS)
}

/** Writes down evaluations on the way that are new. @returns whether the trial has been stopped */
function reportNew(plan: Plan, search: Search, number: number): boolean {
  const { state, reports } = search.trials()[number]
  if (state !== 'running') return state === 'stopped'
  const last = reports.at(-1)?.step ?? 0
  return evaluationsOf(plan, number)
    .filter(({ step }) => step > last && step < plan.steps)
    .some(report => search.report(number, report))
}

/** Writes down how a trial has ended, if it has. @returns whether it has */
function settle(plan: Plan, search: Search, number: number): boolean {
  if (reportNew(plan, search, number)) return true
  if (search.trials()[number].state !== 'running') return true
  const directory = runOf(plan, number)
  if (!existsSync(join(directory, RUN_FILES.metrics))) return false
  const { end } = readMetrics(directory)
  const last = evaluationsOf(plan, number).at(-1)
  if (end?.reason === 'error') search.fail(number, end.message ?? 'It failed.')
  else if (end?.reason === 'steps' && last) search.complete(number, last)
  else return false
  return true
}

function evaluationsOf(plan: Plan, number: number): Report[] {
  const path = join(runOf(plan, number), RUN_FILES.metrics)
  if (!existsSync(path)) return []
  // Nothing else is parsed, because this is done several times a second. What follows the last line break is not yet a line.
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  return lines
    .filter(line => line.includes('"evaluation"'))
    .map(parseLine)
    .flatMap(line =>
      typeof line === 'object' && line.type === 'evaluation' ? [{ step: line.step, value: line.mean }] : [],
    )
}
