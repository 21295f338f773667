import { printable } from '../../printable.ts'

const GAP = 2
const NARROWEST = 12

/** Shortens the widest columns of text until a row fits into `width`, if they can be that narrow. */
function shortenTo(
  headings: readonly string[],
  rows: readonly string[][],
  width: number,
): readonly string[][] {
  const widths = headings.map((heading, i) => Math.max(heading.length, ...rows.map(row => row[i].length)))
  const total = () => widths.reduce((sum, one) => sum + one + GAP, -GAP)
  while (total() > width) {
    const widest = widths.indexOf(Math.max(...widths))
    if (widths[widest] <= NARROWEST) break
    widths[widest]--
  }
  return rows.map(row => row.map((cell, i) => shorten(cell, widths[i])))
}

/** The beginning and the end of a text: runs in one folder differ at the end. */
function shorten(text: string, width: number): string {
  if (text.length <= width) return text
  const end = Math.ceil((width - 1) / 2)
  return `${text.slice(0, width - 1 - end)}…${text.slice(-end)}`
}

/** Rows of texts under headings as lines, columns two spaces apart, no wider than the terminal; columns of numbers are flush right. */
export function formatTable(
  headings: readonly string[],
  texts: readonly (readonly string[])[],
  width = process.stdout.columns ?? Infinity,
): string {
  const rows = shortenTo(
    headings,
    texts.map(row => row.map(printable)),
    width,
  )
  const columns = headings.map((heading, i) => {
    const cells = rows.map(row => row[i])
    const width = Math.max(heading.length, ...cells.map(cell => cell.length))
    const isNumeric = cells.every(cell => /^([-+\d].*|)$/.test(cell))
    return { width, pad: (text: string) => (isNumeric ? text.padStart(width) : text.padEnd(width)) }
  })
  return [headings, ...rows]
    .map(row =>
      row
        .map((cell, i) => columns[i].pad(cell))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
