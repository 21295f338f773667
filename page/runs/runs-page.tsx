import { Message, Panel } from '../parts/panel.tsx'
import { CurvesPanel } from './curves/curves-panel.tsx'
import { plain } from './format.ts'
import { drawn, listed } from './selection.ts'
import { complete, faults, runs } from './server.ts'
import { RunsTable } from './table/runs-table.tsx'

/** All runs in a table, and the curves of some. */
export function RunsPage() {
  if (complete.value && runs.value.size === 0 && faults.value.length === 0) {
    return (
      <Panel title="No runs yet">
        <p>
          This folder has no runs. Start one with the button <b>New run</b>, or in a terminal with{' '}
          <code>sac train Pendulum-v1</code>.
        </p>
      </Panel>
    )
  }
  return (
    <div class="column">
      <RunsTable />
      <Faults />
      {listed.value.length > 0 && <CurvesPanel rows={drawn.value} />}
    </div>
  )
}

function Faults() {
  const all = faults.value
  if (all.length === 0) return null
  return (
    <Message kind="warn">
      {all.length === 1 ? '1 directory cannot be read' : `${all.length} directories cannot be read`} as a run:
      <ul>
        {all.slice(0, 5).map(({ id, message }) => (
          <li key={id}>{plain(message)}</li>
        ))}
      </ul>
      {all.length > 5 && <p>… and {all.length - 5} more.</p>}
    </Message>
  )
}
