import { environmentName } from '../../run/environment-path.ts'
import { type RunSummary, summarizeRuns } from '../../run/reports/run-summary.ts'
import type { RunSettings } from '../../run/settings.ts'
import { seedStatistics, type TrainSeedsOptions, trainSeeds } from '../../run/train-seeds.ts'
import { RESULTS, tableOf } from '../output/run-table.ts'
import { showSeeds } from '../output/seeds-progress.ts'
import { formatTable } from '../output/table.ts'
import type { Interruption } from './stop-signals.ts'

/** Where training with several seeds is reported, and what stops it. */
interface Surroundings {
  stdout: NodeJS.WriteStream
  stderr: { write(text: string): unknown }
  signal: AbortSignal
}

/**
 * Trains one run for each seed, and reports statistics over the evaluations of all of them.
 * @param settings with the first of the seeds
 * @returns the exit code
 */
export async function reportSeeds(
  settings: RunSettings,
  options: TrainSeedsOptions,
  { stdout, stderr, signal }: Surroundings,
): Promise<number> {
  let progress: Awaited<ReturnType<typeof showSeeds>> | undefined
  const onAbort = () => progress?.note('Stopping all runs; what they have learned is kept.')
  signal.addEventListener('abort', onAbort)
  try {
    const runs = await trainSeeds(settings, {
      ...options,
      signal,
      async onBegin(runs, atOnce) {
        const [{ directory }] = runs
        stdout.write(
          `${environmentName(settings.environment)}, ${runs.length} seed${runs.length === 1 ? '' : 's'}, ${atOnce} at once; ` +
            `runs in ${directory}${runs.length === 1 ? '' : ' and next to it'}\n`,
        )
        progress = await showSeeds(runs, settings.steps, stdout)
      },
    })
    progress?.stop()
    for (const { seed, error } of runs) if (error) stderr.write(`seed ${seed}: ${error}\n`)
    const { runs: summaries } = summarizeRuns(runs.map(({ directory }) => directory))
    stdout.write(`${describeResults(summaries)}\n`)
    if (signal.aborted) return (signal.reason as Interruption).exitCode
    const finished = summaries.filter(({ status }) => status === 'finished')
    return finished.length === options.seeds ? 0 : 1
  } finally {
    progress?.stop()
    signal.removeEventListener('abort', onAbort)
  }
}

/** Each run, and statistics over the evaluations of those that have finished. */
function describeResults(runs: readonly RunSummary[]): string {
  const table = formatTable(...tableOf([['run', run => run.directory], ...RESULTS], runs))
  const all = seedStatistics(runs)
  if (!all) return table
  return [
    table,
    `Evaluation over ${all.runs} seeds: mean return ${all.mean.toFixed(1)}, ` +
      `standard deviation ${all.standardDeviation.toFixed(1)}, 95 % interval ${formatInterval(all.interval)}`,
    `Interquartile mean ${all.interquartileMean.toFixed(1)}, 95 % interval ${formatInterval(all.interquartileInterval)}`,
  ].join('\n')
}

const formatInterval = ([low, high]: readonly number[]) => `${low.toFixed(1)} to ${high.toFixed(1)}`
