import type { ComponentChildren } from 'preact'

/** A column of a table, on the screen and as text. */
export interface Column<T> {
  name: string
  title: string
  /** In pixels. */
  width: number
  number?: boolean
  text(row: T): string
  cell?(row: T): ComponentChildren
}
