import type { MultiBar } from 'cli-progress'

/** Milliseconds from one drawing to the next. */
export const BAR_MS = 100

/** Bars that stay in place in a terminal, one below another. */
export async function createBars(stream: NodeJS.WriteStream): Promise<MultiBar> {
  const { default: cliProgress } = await import('cli-progress')
  return new cliProgress.MultiBar({
    stream,
    hideCursor: true,
    // Signals are handled elsewhere: they stop training first.
    gracefulExit: false,
    barsize: 30,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    fps: 1000 / BAR_MS,
    emptyOnZero: true,
    // A note above the bars moves them down, those that have not changed as well.
    forceRedraw: true,
  })
}
