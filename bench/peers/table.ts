/** Figures of several subjects as one table: medians, spreads, and ratios, taken round by round. */
import { median } from '../measure.ts'
import { type Cores, type Library, TITLES } from './subjects.ts'

/** What one subject showed in each round. */
export interface Series {
  library: Library
  threads: number
  /** One processor, or two with the busy threads spread over them. */
  cores: Cores
  values: number[]
  /** Milliseconds of processor time of all threads together for each thing done, in each round. */
  processor?: number[]
  /** Seconds that came before, once: compilation. */
  compilation?: number
}

export interface Row extends Series {
  median: number
  low: number
  high: number
}

/** What one subject should be ahead of another by, or by itself. */
export interface Reach {
  subject: Library
  /** In its unit, if nothing is named that it is compared with. */
  against?: Library
  atLeast: number
}

export interface Table {
  /** Where documents show it. */
  id: string
  what: string
  unit: string
  /** Whether more is better. */
  more: boolean
  cores: Cores
  rows: Row[]
  reaches: Reach[]
}

export type TableHead = Pick<Table, 'id' | 'what' | 'unit' | 'cores'> & { more?: boolean }

/** Each library once, with the number of threads that serves it best on this many cores. */
export function tabulate(
  { more = true, ...head }: TableHead,
  series: readonly Series[],
  reaches: readonly Reach[] = [],
): Table {
  const best = new Map<Library, Series>()
  for (const one of series) {
    const other = best.get(one.library)
    const isBetter = !other || median(one.values) > median(other.values) === more
    if (one.cores <= head.cores && isBetter) best.set(one.library, one)
  }
  const rows = [...best.values()].map(one => ({
    ...one,
    median: median(one.values),
    low: Math.min(...one.values),
    high: Math.max(...one.values),
  }))
  const has = (library?: Library) => !library || best.has(library)
  return {
    ...head,
    more,
    rows,
    reaches: reaches.filter(({ subject, against }) => has(subject) && has(against)),
  }
}

/** A table for one core, and one for two where there are two: on two, one thread may still be the better choice. */
export const forEachCores = (
  cores: readonly Cores[],
  head: Omit<TableHead, 'cores'>,
  series: readonly Series[],
  reaches: Partial<Record<Cores, Reach[]>> = {},
): Table[] => cores.map(cores => tabulate({ ...head, cores }, series, reaches[cores]))

const rowOf = ({ rows }: Table, library: Library): Row | undefined =>
  rows.find(row => row.library === library)

/** How many times better a subject is than another: the median of the ratios within each round. */
export function ahead(table: Table, subject: Library, against: Library): number | undefined {
  const [a, b] = [rowOf(table, subject), rowOf(table, against)]
  if (!a || !b) return undefined
  return median(a.values.map((value, i) => (table.more ? value / b.values[i] : b.values[i] / value)))
}

/** What a subject was to reach, and what it has. */
export function reached(table: Table, { subject, against, atLeast }: Reach): { value: number; yes: boolean } {
  const value = against ? ahead(table, subject, against)! : rowOf(table, subject)!.median
  return { value, yes: table.more || against ? value >= atLeast : value <= atLeast }
}

/** A figure with as many digits as it is worth. */
export const format = (value: number): string =>
  value.toLocaleString('en', {
    maximumFractionDigits: Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0,
  })

export const coresText = (cores: Cores): string => (cores === 1 ? 'one core' : 'two cores')

/** Peers that others are compared with, the first that was measured. */
const REFERENCES: readonly Library[] = ['sbx', 'rl_tools', 'sb3']

/** What all subjects of a table are compared with, if anything. */
export const referenceOf = (table: Table): Library | undefined =>
  REFERENCES.find(library => rowOf(table, library))

export function print(table: Table): void {
  const reference = referenceOf(table)
  console.log(`\n${table.what}, ${coresText(table.cores)} [${table.unit}]`)
  for (const { library, threads, median: middle, low, high, processor, compilation } of table.rows) {
    const ratio = reference && reference !== library && ahead(table, library, reference)!
    const cells = [
      `  ${TITLES[library].replaceAll('`', '')}`.padEnd(50),
      `${threads} thread${threads === 1 ? ' ' : 's'}`,
      format(middle).padStart(9),
      `  ${format(low)} to ${format(high)}`.padEnd(20),
      (processor ? `${format(median(processor))} ms of processor time` : '').padEnd(28),
      ratio ? `${format(ratio)} times ${TITLES[reference]}` : '',
      compilation && compilation > 0.5 ? `compiled for ${format(compilation)} s before` : '',
    ]
    console.log(cells.join(' ').trimEnd())
  }
  for (const reach of table.reaches) {
    const { value, yes } = reached(table, reach)
    const unit = reach.against ? `times ${TITLES[reach.against]}` : table.unit
    const verdict = yes ? 'reached' : 'MISSED'
    const bound = `${table.more || reach.against ? 'at least' : 'at most'} ${reach.atLeast}`
    console.log(`  ${verdict}: ${TITLES[reach.subject]}: ${format(value)} ${unit}, ${bound}`)
  }
}
