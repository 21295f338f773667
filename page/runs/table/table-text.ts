import type { Column } from './column.ts'

/** A table as it can be pasted into a page written in Markdown. */
export function toMarkdown<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeMarkdown).join(' | ')} |`
  return [
    line(columns.map(({ title }) => title)),
    `| ${columns.map(({ number }) => (number ? '---:' : '---')).join(' | ')} |`,
    ...rows.map(row => line(columns.map(column => column.text(row)))),
    '',
  ].join('\n')
}

const escapeMarkdown = (text: string) => text.replace(/[\\`*_[\]<>|]/g, '\\$&').replace(/\s+/g, ' ')

/** A table for spreadsheets, as RFC 4180 says. */
export function toCsv<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const line = (cells: readonly string[]) => cells.map(escapeCsv).join(',')
  return `${[line(columns.map(({ title }) => title)), ...rows.map(row => line(columns.map(column => column.text(row))))].join('\r\n')}\r\n`
}

/** A spreadsheet would execute a text that begins like a formula; numbers are left as they are. */
function escapeCsv(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) && !/^[-+]?[\d.,]+(e[-+]?\d+)?$/i.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
