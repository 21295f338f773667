import type { EvaluationEvent, TrainingEvent } from '../../training/events.ts'
import { BAR_MS, createBars } from './bars.ts'
import { formatCount, formatReturn } from './format.ts'
import { createStatus } from './status.ts'

/** Shows people how training goes: a consumer of its events. */
export interface Progress {
  observe(event: TrainingEvent): void
  /** A line of text, now. */
  note(text: string): void
  /** Leaves the output as it is, so that others can write to it. May be called again. */
  stop(): void
}

/** A progress bar in a terminal, plain lines in a pipe or a file. */
export async function createProgress(stream: NodeJS.WriteStream, totalSteps: number): Promise<Progress> {
  return stream.isTTY ? barProgress(stream, totalSteps) : lineProgress(stream, totalSteps)
}

/** Two rows that stay in place: the bar, and the numbers below it. */
async function barProgress(stream: NodeJS.WriteStream, totalSteps: number): Promise<Progress> {
  const bars = await createBars(stream)
  const status = createStatus(totalSteps)
  const rows: import('cli-progress').SingleBar[] = []
  let nextDraw = 0
  let stopped = false

  function draw(): void {
    const { step, speed, learning, left } = status.status()
    const top = { steps: `${formatCount(step)} of ${formatCount(totalSteps)} steps`, left }
    const below = { numbers: [...speed, ...learning].join('  ') }
    if (rows.length === 0) {
      rows.push(bars.create(totalSteps, step, top, { format: '{bar} {percentage}%  {steps}  {left}' }))
      rows.push(bars.create(totalSteps, step, below, { format: '{numbers}' }))
    }
    rows[0].update(step, top)
    rows[1].update(step, below)
    nextDraw = performance.now() + BAR_MS
  }
  function note(text: string): void {
    if (stopped || rows.length === 0) stream.write(`${text}\n`)
    else {
      bars.log(`${text}\n`)
      bars.update()
    }
  }
  // The cursor comes back even when Ctrl-C is pressed twice.
  const stop = () => {
    if (stopped) return
    stopped = true
    process.off('exit', stop)
    if (rows.length > 0) {
      draw()
      bars.stop()
    }
  }
  process.on('exit', stop)

  return {
    observe(event) {
      status.observe(event)
      if (event.type === 'evaluation') note(describeEvaluation(event))
      if (performance.now() >= nextDraw) draw()
    },
    note,
    stop,
  }
}

const LINE_STEPS = 1000
const SHORTEST_MS = 2000
const LONGEST_MS = 10_000

/** A line about every 1000 steps, but at most one every 2 seconds and at least one every 10. */
function lineProgress(stream: NodeJS.WriteStream, totalSteps: number): Progress {
  const status = createStatus(totalSteps)
  const total = formatCount(totalSteps)
  let lastTime = performance.now()
  let lastStep: number | undefined
  const note = (text: string) => {
    stream.write(`${text}\n`)
  }

  return {
    observe(event) {
      status.observe(event)
      if (event.type === 'evaluation') note(describeEvaluation(event))
      if (event.type !== 'step') return
      lastStep ??= event.step
      const waited = performance.now() - lastTime
      if (waited > LONGEST_MS || (waited > SHORTEST_MS && event.step - lastStep >= LINE_STEPS)) {
        const { step, speed, learning, left } = status.status()
        note([`step ${formatCount(step)} of ${total}`, ...speed, ...learning, left].join('  '))
        lastTime = performance.now()
        lastStep = step
      }
    },
    note,
    stop() {},
  }
}

const describeEvaluation = (event: EvaluationEvent) =>
  `evaluation at step ${formatCount(event.step)}: ${formatReturn(event)}`
