import { rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { mean, sampleStandardDeviation } from 'simple-statistics'
import { availableCores } from '../../available-cores.ts'
import { environmentName } from '../../run/environment-path.ts'
import type { RunSummary } from '../../run/reports/run-summary.ts'
import { bootstrapInterval, interquartileMean } from '../../run/reports/statistics.ts'
import { createRunDirectory } from '../../run/run-directory.ts'
import type { RunSettings } from '../../run/settings.ts'
import { findStoppedRun } from '../../run/stopped-runs.ts'
import { UsageError } from '../../run/usage-error.ts'
import { RESULTS, summarizeAll, tableOf } from '../output/run-table.ts'
import { showSeeds } from '../output/seeds-progress.ts'
import { formatTable } from '../output/table.ts'
import type { Interruption } from './stop-signals.ts'
import { trainInProcess } from './train-process.ts'

/** All that training with several seeds needs. */
export interface SeedsTraining {
  /** With the first of the seeds. */
  settings: RunSettings
  /** How many seeds, one after another. */
  seeds: number
  /** Arguments of `sac` for one run; its seed, directory and threads are appended. */
  args: readonly string[]
  /** A folder for the runs; default `runs`, where each gets a name. */
  out?: string
  /** Resume the run of each seed that has one, as `train --resume` does with a single run. */
  resume?: boolean
  stdout: NodeJS.WriteStream
  stderr: { write(text: string): unknown }
  signal: AbortSignal
}

/**
 * Trains one run for each seed, each in a process of its own, so that it goes as it would alone; as many at once as
 * there are cores for. At the end it reports statistics over the evaluations of all of them.
 *
 * @returns the exit code
 */
export async function trainSeeds(training: SeedsTraining): Promise<number> {
  const { settings, stdout, stderr, signal } = training
  const threads = settings.options.threads === 'auto' ? 1 : settings.options.threads
  // One thread a run, for its environments too.
  const envThreads = settings.envThreads === 'auto' ? 0 : settings.envThreads
  const threadFlags = ['--threads', String(threads), '--env-threads', String(envThreads)]
  const asTrained = { ...settings, envThreads, options: { ...settings.options, threads } }
  const runs = makeDirectories({ ...training, settings: asTrained })
  const atOnce = Math.min(runs.length, Math.max(1, Math.floor(availableCores() / threads)))
  stdout.write(
    `${environmentName(settings.environment)}, ${runs.length} seed${runs.length === 1 ? '' : 's'}, ${atOnce} at once; ` +
      `runs in ${runs[0].directory}${runs.length === 1 ? '' : ' and next to it'}\n`,
  )
  const progress = await showSeeds(runs, settings.steps, stdout)
  const onAbort = () => progress.note('Stopping all runs; what they have learned is kept.')
  signal.addEventListener('abort', onAbort)
  const waiting = [...runs]
  const next = () => (signal.aborted ? undefined : waiting.shift())
  const faults: string[] = []
  try {
    const work = async () => {
      for (let run = next(); run; run = next()) {
        const own = ['--seed', String(run.seed), '--out', run.directory]
        const errors = await trainInProcess([...training.args, ...threadFlags, ...own], signal)
        if (errors) faults.push(`seed ${run.seed}: ${errors}`)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, work))
  } finally {
    progress.stop()
    signal.removeEventListener('abort', onAbort)
  }
  // New runs whose turn never came have left only an empty directory.
  for (const { directory, stopped } of waiting) if (!stopped) rmdirSync(directory)
  for (const fault of faults) stderr.write(`${fault}\n`)
  const { runs: summaries } = summarizeAll(runs.map(({ directory }) => directory))
  stdout.write(`${describeResults(summaries)}\n`)
  if (signal.aborted) return (signal.reason as Interruption).exitCode
  return summaries.length === runs.length && summaries.every(({ status }) => status === 'finished') ? 0 : 1
}

function makeDirectories({ settings, seeds, out, resume }: SeedsTraining) {
  const first = settings.options.seed
  if (first + seeds - 1 > 0xffffffff) {
    throw new UsageError(`--seeds ${seeds} from seed ${first} on goes beyond the last seed, 4294967295.`)
  }
  return Array.from({ length: seeds }, (_, i) => {
    const seed = first + i
    const own = { ...settings, options: { ...settings.options, seed } }
    const place = { out: out === undefined ? undefined : join(out, `seed${seed}`) }
    const stopped = resume ? findStoppedRun(own, place.out) : undefined
    return { seed, directory: stopped ?? createRunDirectory(own, place), stopped: stopped !== undefined }
  })
}

/** Each run, and statistics over the evaluations of those that have finished. */
function describeResults(runs: readonly RunSummary[]): string {
  const table = formatTable(...tableOf([['run', run => run.directory], ...RESULTS], runs))
  const values = runs.flatMap(({ status, evaluation }) =>
    status === 'finished' && evaluation ? [evaluation.mean] : [],
  )
  if (values.length < 2) return table
  const [deviation, center] = [sampleStandardDeviation(values), interquartileMean(values)]
  return [
    table,
    `Evaluation over ${values.length} seeds: mean return ${mean(values).toFixed(1)}, ` +
      `standard deviation ${deviation.toFixed(1)}, 95 % interval ${formatInterval(values, mean)}`,
    `Interquartile mean ${center.toFixed(1)}, 95 % interval ${formatInterval(values, interquartileMean)}`,
  ].join('\n')
}

function formatInterval(values: readonly number[], statistic: (values: number[]) => number): string {
  const [low, high] = bootstrapInterval(values, statistic)
  return `${low.toFixed(1)} to ${high.toFixed(1)}`
}
