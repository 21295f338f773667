import { printable } from '../../printable.ts'

/** Rows of texts under headings as lines, columns two spaces apart; columns of numbers are flush right. */
export function formatTable(headings: readonly string[], texts: readonly (readonly string[])[]): string {
  const rows = texts.map(row => row.map(printable))
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
