import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { RunDetails, RunRow } from '../../src/run/ui/messages.ts'
import { Message, Panel } from '../parts/panel.tsx'
import { copyText } from './actions.ts'
import { CurvesPanel } from './curves/curves-panel.tsx'
import { formatValue, plain } from './format.ts'
import { ticked } from './selection.ts'
import { attempt, get } from './server.ts'
import type { Column } from './table/column.ts'
import { COLUMNS } from './table/columns.tsx'
import { toCsv, toMarkdown } from './table/table-text.ts'
import { differing } from './titles.ts'
import { show } from './view.ts'

const RESULTS = ['status', 'steps', 'bestReturn', 'lastReturn', 'evaluation', 'seconds']
const MOST = 12

/** A row of the comparison: a setting or a result, of every run. */
interface Fact {
  name: string
  values: string[]
}

/** The settings in which the ticked runs differ, and their results below. */
export function ComparePage() {
  const rows = ticked.value.slice(0, MOST)
  const settings = useSettings(rows)
  if (rows.length < 2) {
    return (
      <Panel title="Compare">
        <p>
          Tick two runs or more in the table, and come back here.{' '}
          <button type="button" onClick={() => show({ page: 'runs' })}>
            To the table
          </button>
        </p>
      </Panel>
    )
  }
  const tables = rows.map(({ id }) => settings[id] ?? {})
  const facts: Fact[] = differing(tables).map(name => ({
    name,
    values: tables.map(table => formatValue(table[name])),
  }))
  const results: Fact[] = COLUMNS.filter(({ name }) => RESULTS.includes(name)).map(column => ({
    name: column.title,
    values: rows.map(column.text),
  }))
  const columns: Column<Fact>[] = [
    { name: 'name', title: 'setting or result', width: 0, text: ({ name }) => name },
    ...rows.map(({ id }, i) => ({
      name: id,
      title: plain(id),
      width: 0,
      text: ({ values }: Fact) => values[i],
    })),
  ]
  return (
    <div class="column">
      <Panel
        title={`${rows.length} runs compared`}
        aside={
          <div class="row">
            <button
              type="button"
              onClick={() => copyText(toMarkdown(columns, [...facts, ...results]), 'comparison.md')}
            >
              Copy Markdown
            </button>
            <button
              type="button"
              onClick={() => copyText(toCsv(columns, [...facts, ...results]), 'comparison.csv')}
            >
              Copy CSV
            </button>
          </div>
        }
      >
        {ticked.value.length > MOST && (
          <Message>
            The first {MOST} of {ticked.value.length} ticked runs are compared.
          </Message>
        )}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <section class="scroll" tabIndex={0} aria-label="Comparison">
          <table class="comparison">
            <thead>
              <tr>
                <th scope="col">run</th>
                {rows.map(({ id }) => (
                  <th scope="col" key={id}>
                    <button type="button" class="link" onClick={() => show({ page: 'run', id })}>
                      {plain(id)}
                    </button>
                  </th>
                ))}
              </tr>
            </thead>
            <Facts title="Settings that differ" facts={facts} none="Their settings are the same." />
            <Facts title="Results" facts={results} none="" />
          </table>
        </section>
      </Panel>
      <CurvesPanel rows={rows} />
    </div>
  )
}

const Facts = ({ title, facts, none }: { title: string; facts: readonly Fact[]; none: string }) => (
  <tbody>
    <tr>
      <th scope="rowgroup" colSpan={facts[0] ? facts[0].values.length + 1 : 1} class="group">
        {facts.length > 0 ? title : none}
      </th>
    </tr>
    {facts.map(({ name, values }) => (
      <tr key={name}>
        <th scope="row">{name}</th>
        {values.map((value, i) => (
          <td key={i} class="number">
            {value}
          </td>
        ))}
      </tr>
    ))}
  </tbody>
)

/** All settings of each run, by its id. */
function useSettings(rows: readonly RunRow[]): Record<string, Record<string, unknown>> {
  const found = useSignal<Record<string, Record<string, unknown>>>({})
  const ids = JSON.stringify(rows.map(({ id }) => id))
  useEffect(() => {
    void attempt(async () => {
      const all = await Promise.all(rows.map(({ id }) => get<RunDetails>('/api/run', { id })))
      found.value = Object.fromEntries(all.map(({ row, settings: { steps: _, ...rest } }) => [row.id, rest]))
    })
  }, [ids])
  return found.value
}
