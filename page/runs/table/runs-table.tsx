import { useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { GatheredRow, RunRow } from '../../../src/run/ui/messages.ts'
import { Check } from '../../parts/fields.tsx'
import { archive, copyText, remove } from '../actions.ts'
import { plain } from '../format.ts'
import { listed, select, ticked } from '../selection.ts'
import { attempt, complete, post, runs } from '../server.ts'
import { titlesOf } from '../titles.ts'
import { show, view } from '../view.ts'
import type { Column } from './column.ts'
import { GROUP_COLUMNS, type Group, possibleColumns } from './columns.tsx'
import { toCsv, toMarkdown } from './table-text.ts'
import { VirtualTable } from './virtual-table.tsx'

/** The table of all runs, with what finds some of them and what can be done with them. */
export function RunsTable() {
  const { filter, archived, gather } = view.value
  const rows = listed.value
  const gathers = gather !== 'none'
  const groups = useGroups(rows, gathers ? gather : undefined)
  const possible = useMemo(() => possibleColumns(runs.value.values()), [runs.value])
  const columns = possible.filter(({ name }) => view.value.columns.includes(name))
  const nameColumn: Column<RunRow> = { name: 'id', title: 'run', width: 0, text: row => plain(row.id) }
  const groupName: Column<Group> = { name: 'id', title: 'experiment', width: 0, text: ({ title }) => title }
  const text = (write: typeof toCsv) =>
    gathers
      ? write([groupName, ...GROUP_COLUMNS], groups)
      : write([nameColumn, ...columns], ticked.value.length > 0 ? ticked.value : rows)
  return (
    <section class="panel" aria-labelledby="runs-heading">
      <header>
        <h2 id="runs-heading">
          {rows.length === 1 ? '1 run' : `${rows.length} runs`}
          {!complete.value && <span class="soft"> (reading …)</span>}
        </h2>
        <div class="row">
          <input
            type="text"
            class="filter"
            aria-label="Filter"
            placeholder="Filter: status:running lastReturn>-300"
            value={filter}
            onInput={event => show({ filter: event.currentTarget.value })}
          />
          <Check name="Archived too" checked={archived} onChange={on => show({ archived: on })} />
          <ColumnChoice possible={possible} />
          <button type="button" onClick={() => copyText(text(toMarkdown), 'runs.md')}>
            Copy Markdown
          </button>
          <button type="button" onClick={() => copyText(text(toCsv), 'runs.csv')}>
            Copy CSV
          </button>
        </div>
      </header>
      {gathers ? (
        <VirtualTable
          label="Experiments"
          rows={groups}
          columns={GROUP_COLUMNS}
          keyOf={({ title }) => title}
          head={{ title: 'experiment', width: 320, cell: ({ title }) => plain(title) }}
          selected={
            new Set(
              groups
                .filter(group => group.runs.every(id => view.value.selected.includes(id)))
                .map(({ title }) => title),
            )
          }
          onSelect={(titles, on) =>
            select(
              groups.filter(({ title }) => titles.includes(title)).flatMap(group => group.runs),
              on,
            )
          }
        />
      ) : (
        <VirtualTable
          label="Runs"
          rows={rows}
          columns={columns}
          keyOf={({ id }) => id}
          head={{ title: 'run', width: 270, cell: row => <RunLink row={row} /> }}
          selected={new Set(view.value.selected)}
          onSelect={select}
          sort={view.value.sort}
          onSort={sort => show({ sort })}
        />
      )}
      {ticked.value.length > 0 && <Chosen />}
    </section>
  )
}

const RunLink = ({ row: { id, archived } }: { row: RunRow }) => (
  <button type="button" class="link" title={plain(id)} onClick={() => show({ page: 'run', id })}>
    {plain(id)}
    {archived && <span class="soft"> (archived)</span>}
  </button>
)

/** What can be done with the ticked runs. */
function Chosen() {
  const ids = ticked.value.map(({ id }) => id)
  const allArchived = ticked.value.every(({ archived }) => archived)
  return (
    <div class="row chosen">
      <b>{ids.length} selected</b>
      <button type="button" onClick={() => show({ page: 'compare' })}>
        Compare
      </button>
      <button type="button" onClick={() => archive(ids, !allArchived)}>
        {allArchived ? 'Unarchive' : 'Archive'}
      </button>
      <button type="button" onClick={() => remove(ids)}>
        Delete
      </button>
      <button type="button" class="plain" onClick={() => show({ selected: [] })}>
        Select none
      </button>
    </div>
  )
}

function ColumnChoice({ possible }: { possible: readonly Column<RunRow>[] }) {
  const { columns } = view.value
  return (
    <details class="menu">
      <summary class="button">Columns</summary>
      <div class="choices">
        {possible.map(({ name, title }) => (
          <Check
            key={name}
            name={title}
            checked={columns.includes(name)}
            onChange={on =>
              show({ columns: on ? [...columns, name] : columns.filter(other => other !== name) })
            }
          />
        ))}
      </div>
    </details>
  )
}

/** The runs by experiments, with their results over seeds as the server works them out. */
function useGroups(rows: readonly RunRow[], gather: 'mean' | 'iqm' | undefined): Group[] {
  const found = useSignal<readonly GatheredRow[]>([])
  const wanted =
    gather &&
    JSON.stringify([gather, ...rows.map(({ id, steps, evaluation }) => [id, steps, evaluation?.mean])])
  useEffect(() => {
    if (!wanted || rows.length === 0) return
    const timer = setTimeout(
      () =>
        attempt(async () => {
          found.value = await post<GatheredRow[]>('/api/gathered', { ids: rows.map(({ id }) => id), gather })
        }),
      200,
    )
    return () => clearTimeout(timer)
  }, [wanted])
  const known = found.value.flatMap(row => {
    const first = runs.value.get(row.runs[0])
    return first ? [{ ...row, first }] : []
  })
  const titles = titlesOf(known.map(({ first }) => first))
  return known.map((row, i) => ({ ...row, title: titles[i] }))
}
