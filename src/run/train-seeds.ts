import { rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { mean, sampleStandardDeviation } from 'simple-statistics'
import { availableCores } from '../available-cores.ts'
import { doAll, trainInProcess } from './processes/train-in-process.ts'
import { trainingArguments } from './processes/training-arguments.ts'
import type { RunSummary } from './reports/run-summary.ts'
import { bootstrapInterval, interquartileMean } from './reports/statistics.ts'
import { createRunDirectory } from './run-directory.ts'
import { flattenSettings, type RunSettings } from './settings.ts'
import { findStoppedRun } from './stopped-runs.ts'
import { UsageError } from './usage-error.ts'

/** How `trainSeeds` trains. */
export interface TrainSeedsOptions {
  /** How many seeds: that of the settings, and those after it. */
  seeds: number
  /** A folder in which each run is called after its seed. Default: `runs`, where each gets a name. */
  out?: string
  /** Resume the run of each seed that has one with the same settings. Default false. */
  resume?: boolean
  /** Stops all runs, which save what they have learned, and begins no other. */
  signal?: AbortSignal
  /** Called once all directories are made, before the first training. */
  onBegin?(runs: readonly SeedRun[], atOnce: number): void | Promise<void>
}

/** One of several runs that differ only in their seeds. */
export interface SeedRun {
  /** Its seed. */
  seed: number
  /** Where it is. */
  directory: string
  /** The error messages of a training that failed. */
  error?: string
}

/**
 * Trains one run for each seed, each in a process of its own, so that it goes as it would alone; as many at once as there
 * are cores for. `summarizeRun` tells how each went, and `seedStatistics` how all did.
 *
 * @returns the runs that have begun
 * @throws UsageError before anything is trained, if a directory is taken or seeds are too large
 * @example
 * const runs = await trainSeeds(presetSettings({ environment: 'Pendulum-v1' }), { seeds: 5, out: 'runs/pendulum' })
 * console.log(seedStatistics(runs.map(({ directory }) => summarizeRun(directory)))?.mean)
 */
export async function trainSeeds(
  settings: RunSettings,
  { seeds, out, resume = false, signal, onBegin }: TrainSeedsOptions,
): Promise<SeedRun[]> {
  if (!(Number.isInteger(seeds) && seeds >= 1)) {
    throw new UsageError(`seeds is ${seeds}; it must be a whole number of at least 1.`)
  }
  const threads = settings.options.threads === 'auto' ? 1 : settings.options.threads
  // One thread a run, for its environments too.
  const envThreads = settings.envThreads === 'auto' ? 0 : settings.envThreads
  const asTrained = { ...settings, envThreads, options: { ...settings.options, threads } }
  const runs = makeDirectories(asTrained, { seeds, out, resume })
  const atOnce = Math.min(seeds, Math.max(1, Math.floor(availableCores() / threads)))
  const begun: SeedRun[] = []
  try {
    await onBegin?.(runs, atOnce)
    const train = async (run: (typeof runs)[number]) => {
      const { seed, directory } = run
      begun.push(run)
      const args = trainingArguments({ ...flattenSettings(asTrained), seed })
      run.error = await trainInProcess(
        [...args, '--out', directory, ...(run.stopped ? ['--resume'] : [])],
        signal,
      )
    }
    await doAll(runs, atOnce, train, signal)
  } finally {
    // New runs whose turn never came have left only an empty directory.
    for (const run of runs) if (!(begun.includes(run) || run.stopped)) rmdirSync(run.directory)
  }
  return runs
    .filter(run => begun.includes(run) || run.stopped)
    .map(({ seed, directory, error }) => ({ seed, directory, ...(error !== undefined && { error }) }))
}

function makeDirectories(
  settings: RunSettings,
  { seeds, out, resume }: Pick<TrainSeedsOptions, 'seeds' | 'out' | 'resume'>,
): (SeedRun & { stopped: boolean })[] {
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

/** The evaluations of several runs, of which each counts as one value. */
export interface SeedStatistics {
  /** Runs that have finished, with an evaluation. */
  runs: number
  /** Mean of their mean returns. */
  mean: number
  /** Standard deviation of these, with one degree of freedom less than there are. */
  standardDeviation: number
  /** 95 % bootstrap interval of the mean. */
  interval: [low: number, high: number]
  /** Mean without the lowest and the highest quarter. */
  interquartileMean: number
  /** 95 % bootstrap interval of that. */
  interquartileInterval: [low: number, high: number]
}

/**
 * Statistics over the last evaluations of those runs that have finished; undefined for fewer than two.
 * @example
 * const { mean, interval } = seedStatistics(findRuns('runs/pendulum').map(summarizeRun))
 */
export function seedStatistics(runs: readonly RunSummary[]): SeedStatistics | undefined {
  const values = runs.flatMap(({ status, evaluation }) =>
    status === 'finished' && evaluation ? [evaluation.mean] : [],
  )
  if (values.length < 2) return undefined
  return {
    runs: values.length,
    mean: mean(values),
    standardDeviation: sampleStandardDeviation(values),
    interval: bootstrapInterval(values, mean),
    interquartileMean: interquartileMean(values),
    interquartileInterval: bootstrapInterval(values, interquartileMean),
  }
}
