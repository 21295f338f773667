/** Figures of several subjects as one table: medians, spreads, and how far this project is ahead, pair by pair. */
import { median } from '../measure.ts'
import { type Library, OURS, TITLES } from './subjects.ts'

/** What one subject showed in each round. */
export interface Series {
  library: Library
  threads: number | 'auto'
  values: number[]
  /** Seconds that came before, once: compilation. */
  compilation?: number
}

export interface Row extends Series {
  median: number
  low: number
  high: number
  /** How many times better this project's best engine is: the median over rounds; peers only. */
  ahead?: number
  /** What that should be at least. */
  reach?: number
}

export interface Table {
  what: string
  unit: string
  /** Whether more is better. */
  more: boolean
  rows: Row[]
}

const isOurs = ({ library }: Series): boolean => library === 'auto' || OURS.some(engine => engine === library)

/**
 * Each library once, with the number of threads that serves it best.
 * @param reach what this project should be ahead of each peer
 */
export function tabulate(
  { what, unit, more = true }: { what: string; unit: string; more?: boolean },
  series: readonly Series[],
  reach: Partial<Record<Library, number>> = {},
): Table {
  const better = (a: number, b: number) => (more ? a > b : a < b)
  const best = new Map<Library, Series>()
  for (const one of series) {
    const other = best.get(one.library)
    if (!other || better(median(one.values), median(other.values))) best.set(one.library, one)
  }
  const chosen = [...best.values()]
  const ours = chosen.filter(isOurs).reduce((a, b) => (better(median(b.values), median(a.values)) ? b : a))
  const rows = chosen.map((one): Row => {
    const ratios = one.values.map((value, i) => (more ? ours.values[i] / value : value / ours.values[i]))
    return {
      ...one,
      median: median(one.values),
      low: Math.min(...one.values),
      high: Math.max(...one.values),
      ...(!isOurs(one) && { ahead: median(ratios), reach: reach[one.library] }),
    }
  })
  return { what, unit, more, rows }
}

/** A figure with as many digits as it is worth. */
export const format = (value: number): string =>
  value.toLocaleString('en', {
    maximumFractionDigits: Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0,
  })

export function print({ what, unit, rows }: Table): void {
  console.log(`\n${what} [${unit}]`)
  for (const { library, threads, median, low, high, ahead, reach, compilation } of rows) {
    const cells = [
      `  ${TITLES[library]}`.padEnd(32),
      threads === 'auto' ? ''.padEnd(10) : `${threads} thread${threads === 1 ? ' ' : 's'}`.padEnd(10),
      format(median).padStart(9),
      `  ${format(low)} to ${format(high)}`.padEnd(24),
      ahead === undefined ? '' : `this project is ${format(ahead)} times better`,
      reach === undefined ? '' : ahead! >= reach ? `(reach ${reach}: yes)` : `(reach ${reach}: MISSED)`,
      compilation && compilation > 0.5 ? `compiles for ${format(compilation)} s before` : '',
    ]
    console.log(cells.join(' ').trimEnd())
  }
}
