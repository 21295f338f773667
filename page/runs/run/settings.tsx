import type { RunDetails } from '../../../src/run/ui/messages.ts'
import { Panel } from '../../parts/panel.tsx'
import { formatValue, plain } from '../format.ts'

/** All settings of a run, those that somebody has chosen first. */
export function Settings({ details: { settings, changed, made, evaluations } }: { details: RunDetails }) {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined)
  const chosen = entries.filter(([name]) => changed.includes(name))
  const others = entries.filter(([name]) => !changed.includes(name))
  return (
    <div class="run-halves">
      <Panel title="Settings">
        {chosen.length === 0 && <p class="soft">All have their defaults.</p>}
        <Table entries={chosen} />
        <details>
          <summary>All others ({others.length})</summary>
          <Table entries={others} />
        </details>
      </Panel>
      <div class="column">
        <Panel title="Made by">
          <Table entries={Object.entries(made)} />
        </Panel>
        {evaluations.length > 0 && (
          <Panel title="Evaluations">
            <Table
              entries={evaluations
                .slice(-8)
                .reverse()
                .map(({ step, mean, standardDeviation }) => [
                  `step ${step.toLocaleString('en')}`,
                  `${mean.toFixed(1)} ± ${standardDeviation.toFixed(1)}`,
                ])}
            />
          </Panel>
        )}
      </div>
    </div>
  )
}

const Table = ({ entries }: { entries: readonly (readonly [string, unknown])[] }) => (
  <table class="facts-table">
    <tbody>
      {entries.map(([name, value]) => (
        <tr key={name}>
          <th scope="row">{plain(name)}</th>
          <td class="number">{formatValue(value)}</td>
        </tr>
      ))}
    </tbody>
  </table>
)
