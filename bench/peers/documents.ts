/** What the comparison found, as the documents quote it: every sentence comes from the figures. */
import { median } from '../measure.ts'
import { type Cores, isOurs, type Library, OURS, PEERS, TITLES } from './subjects.ts'
import { ahead, coresText, format, type Row, referenceOf, type Table } from './table.ts'

/** What a run of the comparison found. */
export interface Figures {
  processor: string
  versions: Record<string, string>
  date: string
  /** How many times the work of one thread two threads did on two processors. */
  parallelism?: number
  tables: Table[]
  /** Why the figures no longer hold, if they do not. */
  stale?: string
}

const BEGIN = '<!-- what npm run bench:peers found: begin -->'
const END = '<!-- what npm run bench:peers found: end -->'

/** The columns of the overview: which table, and its heading. */
const OVERVIEW: readonly { id: string; cores?: Cores; heading: string }[] = [
  { id: 'full', cores: 1, heading: 'full size, one core' },
  { id: 'full', cores: 2, heading: 'full size, two cores' },
  { id: 'humanoid', cores: 2, heading: "Humanoid's sizes, two cores" },
  { id: 'small', cores: 1, heading: 'small, one core' },
  { id: 'training', cores: 2, heading: 'training HalfCheetah-v5, two cores' },
  { id: 'pendulum', heading: 'training Pendulum-v1, 10,000 steps, one core' },
  { id: 'first-update', heading: 'from the command to the first update' },
  { id: 'latency', heading: 'one action' },
  { id: 'memory', heading: 'memory with 1,000,000 transitions' },
]

const LIBRARIES: readonly Library[] = [...OURS, ...PEERS, 'rl_tools']

/** A table in Markdown. */
const markdown = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')

const rowOf = (table: Table, library: Library): Row | undefined =>
  table.rows.find(row => row.library === library)

/** A median, and in brackets how many times better than the reference. */
function cell(table: Table, library: Library): string {
  const row = rowOf(table, library)
  if (!row) return ''
  // JSON has no infinity: nothing else is missing.
  if (!Number.isFinite(row.median)) return 'not reached'
  const reference = referenceOf(table)
  const ratio = reference && reference !== library ? ahead(table, library, reference) : undefined
  return ratio === undefined ? format(row.median) : `${format(row.median)} (${format(ratio)}×)`
}

/** The tables of the overview that were measured, with their headings. */
function columns({ tables }: Figures): { table: Table; heading: string }[] {
  return OVERVIEW.flatMap(({ id, cores, heading }) => {
    const table = tables.find(table => table.id === id && (!cores || table.cores === cores))
    return table ? [{ table, heading }] : []
  })
}

function overview(figures: Figures): string {
  const shown = columns(figures)
  const measured = LIBRARIES.filter(library => shown.some(({ table }) => rowOf(table, library)))
  const head = ['library', ...shown.map(({ table, heading }) => `${heading}, ${table.unit}`)]
  return markdown(
    head,
    measured.map(library => [TITLES[library], ...shown.map(({ table }) => cell(table, library))]),
  )
}

const list = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`

/** This project's best subject of a table. */
function bestOfOurs(table: Table): Row {
  const ours = table.rows.filter(({ library }) => isOurs(library))
  return ours.reduce((a, b) => (b.median > a.median === table.more ? b : a))
}

/** How this project's best subject compares with every peer, whichever is ahead. */
function sentence({ table, heading }: { table: Table; heading: string }): string {
  const { library } = bestOfOurs(table)
  const peers = table.rows.filter(row => !isOurs(row.library))
  const than = table.unit === 'MB' ? 'times smaller than' : 'times as fast as'
  const ratios = peers.map(
    peer => `${format(ahead(table, library, peer.library)!)} ${than} ${TITLES[peer.library]}`,
  )
  return `* ${heading}: ${TITLES[library].replace('this project, ', '')} is ${list(ratios)}.`
}

/** Every peer that is ahead of this project's best subject anywhere. */
function whereBehind(figures: Figures): string {
  const behind = columns(figures).flatMap(({ table, heading }) => {
    const { library } = bestOfOurs(table)
    return table.rows
      .filter(peer => !isOurs(peer.library) && ahead(table, library, peer.library)! < 1)
      .map(peer => `${TITLES[peer.library]} (${heading})`)
  })
  return behind.length > 0 ? `Faster or smaller than this project: ${list(behind)}.` : ''
}

function circumstances({ processor, versions, date, parallelism }: Figures): string {
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const gain = parallelism
    ? `, on which two busy threads do ${format(parallelism)} times the work of one`
    : ''
  return `${processor}${gain}; ${names.join(', ')}; ${date.slice(0, 10)}.`
}

const notice = ({ stale }: Figures): string => (stale ? `**Out of date.** ${stale}` : '')

/** The overview, for the README. */
export function summary(figures: Figures): string {
  const sentences = columns(figures)
    .filter(({ table }) => table.rows.some(({ library }) => !isOurs(library)))
    .map(sentence)
  return [
    notice(figures),
    sentences.join('\n'),
    whereBehind(figures),
    overview(figures),
    circumstances(figures),
  ]
    .filter(Boolean)
    .join('\n\n')
}

/** Every table, with spreads and processor time. */
export function details(figures: Figures): string {
  const sections = figures.tables.map(table => {
    const reference = referenceOf(table)
    const head = ['library', table.unit, 'lowest to highest', 'threads', 'processor time, ms']
    if (reference) head.push(`times ${TITLES[reference]}`)
    const rows = table.rows.map(row => {
      const processor = row.processor ? format(median(row.processor)) : ''
      const spread = `${format(row.low)} to ${format(row.high)}`
      const cells = [TITLES[row.library], format(row.median), spread, `${row.threads}`, processor]
      return reference ? [...cells, format(ahead(table, row.library, reference)!)] : cells
    })
    return `**${table.what}, ${coresText(table.cores)}**\n\n${markdown(head, rows)}`
  })
  return [notice(figures), ...sections, circumstances(figures)].filter(Boolean).join('\n\n')
}

/** Which figures belong in which document. */
export const documents = (figures: Figures): Record<string, string> => ({
  'README.md': summary(figures),
  'docs/performance.md': details(figures),
})

/**
 * A document with the figures in their place.
 * @throws Error if the document has no place for them
 */
export function withFigures(document: string, text: string): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`There is no place for the figures: ${BEGIN} ... ${END}`)
  return `${document.slice(0, begin)}${BEGIN}\n${text}\n${document.slice(end)}`
}
