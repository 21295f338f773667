/** The comparison as the README shows it. */
import { type Library, OURS, PEERS, TITLES } from './subjects.ts'
import { format, type Row, type Table } from './table.ts'

/** What a run of the comparison found. */
export interface Figures {
  processor: string
  versions: Record<string, string>
  date: string
  tables: Table[]
}

const COLUMNS: readonly Library[] = [...OURS, ...PEERS]

const BEGIN = '<!-- what npm run bench:peers found: begin -->'
const END = '<!-- what npm run bench:peers found: end -->'

/** A median, and for a peer how many times better this project's best engine was, round by round. */
const cell = ({ median, ahead }: Row): string => {
  if (!Number.isFinite(median)) return 'not reached'
  return Number.isFinite(ahead) ? `${format(median)} (${format(ahead!)}×)` : format(median)
}

/** Figures in Markdown: a row for each kind of work, a column for each library. */
export function comparisonTable({ processor, versions, date, tables }: Figures): string {
  const rows = tables
    .filter(({ what }) => !what.includes('processor time'))
    .map(({ what, unit, rows }) => {
      const cells = COLUMNS.map(library => {
        const row = rows.find(row => row.library === library)
        return row ? cell(row) : ''
      })
      // Where the project chooses its engine, there is one figure of it.
      const chosen = rows.find(({ library }) => library === 'auto')
      if (chosen) cells[0] = `${cell(chosen)} (engine \`auto\`)`
      return `| ${what} | ${unit} | ${cells.join(' | ')} |`
    })
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [
    `| work | unit | ${COLUMNS.map(library => TITLES[library]).join(' | ')} |`,
    `|---|---|${COLUMNS.map(() => '---|').join('')}`,
    ...rows,
    '',
    `${processor}; ${names.join(', ')}; ${date.slice(0, 10)}.`,
  ].join('\n')
}

/**
 * A document with the comparison in its place.
 * @throws Error if the document has no place for it
 */
export function withComparison(document: string, figures: Figures): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`There is no place for the comparison: ${BEGIN} ... ${END}`)
  return `${document.slice(0, begin)}${BEGIN}\n${comparisonTable(figures)}\n${document.slice(end)}`
}
