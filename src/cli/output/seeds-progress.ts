import type { SingleBar } from 'cli-progress'
import { findRuns } from '../../run/reports/find-runs.ts'
import { summarizeRun } from '../../run/reports/run-summary.ts'
import { createBars } from './bars.ts'
import { formatCount, formatDuration } from './format.ts'

/** One of several runs that differ only in their seeds. */
export interface SeedRun {
  seed: number
  directory: string
}

const BARS_MS = 1000
const LINES_MS = 10_000

/** Shows the progress of several runs, read from their directories: a bar each or, in a pipe, a line for all. */
export async function showSeeds(runs: readonly SeedRun[], steps: number, stream: NodeJS.WriteStream) {
  const draw = stream.isTTY ? await drawBars(runs, steps, stream) : drawLines(runs, stream)
  draw.now()
  const timer = setInterval(draw.now, stream.isTTY ? BARS_MS : LINES_MS)
  const stop = () => {
    clearInterval(timer)
    process.off('exit', stop)
    draw.stop()
  }
  process.on('exit', stop)
  return { note: draw.note, stop }
}

async function drawBars(runs: readonly SeedRun[], steps: number, stream: NodeJS.WriteStream) {
  const bars = await createBars(stream)
  const width = Math.max(...runs.map(({ seed }) => String(seed).length))
  const format = 'seed {seed}  {bar} {share}  {text}'
  const rows = runs.map(({ seed }): SingleBar => {
    return bars.create(steps, 0, { seed: String(seed).padStart(width), share: '', text: '' }, { format })
  })
  const now = () => {
    for (const [i, run] of runs.entries()) {
      const { step, text } = describe(run)
      const share = `${Math.floor((100 * step) / steps)}%`.padStart(4)
      rows[i].update(step, { share, text })
    }
  }
  return {
    now,
    note(text: string) {
      bars.log(`${text}\n`)
      bars.update()
    },
    stop() {
      now()
      bars.stop()
    },
  }
}

function drawLines(runs: readonly SeedRun[], stream: NodeJS.WriteStream) {
  return {
    now() {
      const states = runs.map(run => ({ seed: run.seed, ...describe(run) })).filter(({ running }) => running)
      const texts = states.map(({ seed, step, text }) => `seed ${seed}: step ${formatCount(step)}  ${text}`)
      if (texts.length > 0) stream.write(`${texts.join('; ')}\n`)
    },
    note(text: string) {
      stream.write(`${text}\n`)
    },
    stop() {},
  }
}

/** The progress of one of the runs. */
function describe({ directory }: SeedRun): { step: number; text: string; running: boolean } {
  if (findRuns(directory).length === 0) return { step: 0, text: 'waiting', running: false }
  const { status, steps: step, settings, metrics, lastReturn, evaluation } = summarizeRun(directory)
  if (status === 'finished')
    return { step, text: `evaluation ${evaluation?.mean.toFixed(1)}`, running: false }
  if (status !== 'running') return { step, text: status, running: false }
  const speed = metrics.train.at(-1)?.stepsPerSecond
  const parts = [
    lastReturn !== undefined && `return ${lastReturn.toFixed(1)}`,
    speed !== undefined && `${formatDuration((settings.steps - step) / speed)} left`,
  ]
  return { step, text: parts.filter(Boolean).join('  '), running: true }
}
