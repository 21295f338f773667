import './table.css'
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Column } from './column.ts'

interface TableProps<T> {
  label: string
  rows: readonly T[]
  columns: readonly Column<T>[]
  keyOf(row: T): string
  /** The first cell of a row, which names it. */
  head: { title: string; width: number; cell(row: T): ComponentChildren }
  selected: ReadonlySet<string>
  onSelect(keys: string[], on: boolean): void
  sort?: string
  onSort?(sort: string): void
}

const ROW = 38
/** Rows made above and below what is in sight. */
const SPARE = 8

/** A table of any length: only the rows in sight are made. */
export function VirtualTable<T>({
  label,
  rows,
  columns,
  keyOf,
  head,
  selected,
  onSelect,
  sort,
  onSort,
}: TableProps<T>) {
  const place = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  const [height, setHeight] = useState(600)
  const last = useRef<number>(undefined)

  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => setHeight(place.current!.clientHeight))
    observer.observe(place.current!)
    return () => observer.disconnect()
  }, [])

  const from = Math.max(0, Math.min(rows.length, Math.floor(top / ROW)) - SPARE)
  const to = Math.min(rows.length, Math.ceil((top + height) / ROW) + SPARE)
  const all = rows.length > 0 && rows.every(row => selected.has(keyOf(row)))

  /** With the shift key, all from the one ticked before. */
  function select(index: number, on: boolean, range: boolean): void {
    const [a, b] =
      range && last.current !== undefined ? [last.current, index].sort((x, y) => x - y) : [index, index]
    last.current = index
    onSelect(rows.slice(a, b + 1).map(keyOf), on)
  }

  const width = 44 + head.width + columns.reduce((sum, column) => sum + column.width, 0)
  return (
    <section
      class="table"
      ref={place}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={label}
      onScroll={() => setTop(place.current!.scrollTop)}
    >
      <table style={{ minWidth: `${width}px` }} aria-rowcount={rows.length + 1}>
        <colgroup>
          <col style={{ width: '44px' }} />
          <col style={{ width: `min(${head.width}px, 46vw)` }} />
          {columns.map(column => (
            <col key={column.name} style={{ width: `${column.width}px` }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            <th scope="col">
              <input
                type="checkbox"
                aria-label="Select all"
                checked={all}
                onChange={event => onSelect(rows.map(keyOf), event.currentTarget.checked)}
              />
            </th>
            <Heading name="id" title={head.title} sort={sort} onSort={onSort} />
            {columns.map(column => (
              <Heading key={column.name} {...column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {from > 0 && <Gap height={from * ROW} columns={columns.length + 2} />}
          {rows.slice(from, to).map((row, i) => {
            const key = keyOf(row)
            return (
              <tr key={key} aria-rowindex={from + i + 2} class={selected.has(key) ? 'selected' : undefined}>
                <td>
                  <input
                    type="checkbox"
                    aria-label={`Select ${key}`}
                    checked={selected.has(key)}
                    onClick={event => select(from + i, event.currentTarget.checked, event.shiftKey)}
                  />
                </td>
                <th scope="row">{head.cell(row)}</th>
                {columns.map(column => {
                  const text = column.text(row)
                  return (
                    <td
                      key={column.name}
                      data-column={column.name}
                      class={column.number ? 'number' : undefined}
                      title={text}
                    >
                      {column.cell ? column.cell(row) : text}
                    </td>
                  )
                })}
              </tr>
            )
          })}
          {to < rows.length && <Gap height={(rows.length - to) * ROW} columns={columns.length + 2} />}
        </tbody>
      </table>
    </section>
  )
}

interface HeadingProps {
  name: string
  title: string
  number?: boolean
  sort?: string
  onSort?(sort: string): void
}

function Heading({ name, title, number, sort, onSort }: HeadingProps) {
  const order = sort === name ? 'ascending' : sort === `-${name}` ? 'descending' : undefined
  const arrow = order === undefined ? '' : order === 'ascending' ? ' ↑' : ' ↓'
  return (
    <th scope="col" class={number ? 'number' : undefined} aria-sort={order}>
      {onSort ? (
        <button
          type="button"
          class="plain"
          onClick={() => onSort(order === 'descending' ? name : `-${name}`)}
        >
          {title}
          {arrow && <span aria-hidden="true">{arrow}</span>}
        </button>
      ) : (
        title
      )}
    </th>
  )
}

/** In place of rows that are out of sight. */
const Gap = ({ height, columns }: { height: number; columns: number }) => (
  <tr class="gap">
    <td colSpan={columns} style={{ height: `${height}px` }} />
  </tr>
)
