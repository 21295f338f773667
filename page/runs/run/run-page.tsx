import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { RunDetails, RunRow } from '../../../src/run/ui/messages.ts'
import { Message, Panel } from '../../parts/panel.tsx'
import { annotate, archive, remove, resume, stop } from '../actions.ts'
import { CurvesPanel } from '../curves/curves-panel.tsx'
import { formatCount, formatDuration, formatNumber, formatTime, formatValue, plain } from '../format.ts'
import { launchDialog } from '../launch.tsx'
import { attempt, get, launches, runs } from '../server.ts'
import { Status } from '../table/columns.tsx'
import { show } from '../view.ts'
import { Acting } from './acting.tsx'
import { Settings } from './settings.tsx'
import { Timeline } from './timeline.tsx'

/** One run: how it stands, what it learned, what it can do. */
export function RunPage({ id }: { id: string }) {
  const row = runs.value.get(id)
  const details = useDetails(row)
  const policy = useSignal<string | undefined>(undefined)
  if (!row) {
    const launch = launches.value.find(({ run }) => run === id)
    return (
      <Panel title={plain(id)}>
        {launch && ['starting', 'training'].includes(launch.state) ? (
          <p>It is about to start.</p>
        ) : (
          <p>There is no such run here{launch?.message && `: ${launch.message}`}.</p>
        )}
        <button type="button" onClick={() => show({ page: 'runs', id: '' })}>
          To the table
        </button>
      </Panel>
    )
  }
  const shown = details?.policies.find(({ name }) => name === policy.value) ?? details?.policies.at(-1)
  return (
    <div class="column">
      <Head row={row} />
      <div class="run-halves">
        <div class="column">
          {details && (
            <Panel title="Time line">
              <Timeline row={row} details={details} shown={shown} onChoose={name => (policy.value = name)} />
            </Panel>
          )}
          {details && <Doctor details={details} />}
        </div>
        {details && (
          <Acting id={id} details={details} shown={shown} onChoose={name => (policy.value = name)} />
        )}
      </div>
      <CurvesPanel rows={[row]} />
      {details && <Settings details={details} />}
    </div>
  )
}

function Head({ row }: { row: RunRow }) {
  const { id, status, steps, totalSteps, message, archived } = row
  const stopping = launches.value.some(({ run, state }) => run === id && state === 'stopping')
  const facts: [string, string][] = [
    ['steps', `${formatCount(steps)} of ${formatCount(totalSteps)}`],
    ['best return', formatNumber(row.bestReturn) || '–'],
    ['last return', formatNumber(row.lastReturn) || '–'],
    ['evaluation', formatNumber(row.evaluation?.mean) || '–'],
    ['time', formatDuration(row.seconds) || '–'],
    ['started', formatTime(row.startedAt) || '–'],
  ]
  return (
    <Panel
      title={plain(id)}
      aside={
        <div class="row">
          {status === 'running' && (
            <button type="button" disabled={stopping} onClick={() => stop(id)}>
              {stopping ? 'Stopping …' : 'Stop and save'}
            </button>
          )}
          {(status === 'stopped' || status === 'crashed') && (
            <button type="button" class="primary" onClick={() => resume(id)}>
              Resume
            </button>
          )}
          <button type="button" onClick={() => (launchDialog.value = { like: id })}>
            New run like this
          </button>
          <button type="button" onClick={() => archive([id], !archived)}>
            {archived ? 'Unarchive' : 'Archive'}
          </button>
          <button type="button" disabled={status === 'running'} onClick={() => remove([id])}>
            Delete
          </button>
        </div>
      }
    >
      <p>
        <Status status={status} />
        <span class="soft"> · </span>
        {plain(row.environment)}, {row.algorithm}, seed {row.seed}
        {message && <span class="soft"> · {plain(message)}</span>}
      </p>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Notes key={id} row={row} />
      {row.damaged > 0 && (
        <Message kind="warn">
          {row.damaged === 1 ? '1 line of its metrics' : `${row.damaged} lines of its metrics`} cannot be
          read.
        </Message>
      )}
    </Panel>
  )
}

/** Saved when one leaves the field. */
const Notes = ({ row: { id, note, tags } }: { row: RunRow }) => (
  <div class="fields">
    <label class="field">
      <span>Tags, with commas between them</span>
      <input
        type="text"
        defaultValue={tags.join(', ')}
        onChange={event =>
          annotate(id, {
            tags: event.currentTarget.value
              .split(',')
              .map(tag => tag.trim())
              .filter(Boolean),
          })
        }
      />
    </label>
    <label class="field">
      <span>Note</span>
      <textarea
        rows={2}
        defaultValue={note}
        onChange={event => annotate(id, { note: event.currentTarget.value })}
      />
    </label>
  </div>
)

/** What the doctor found at last, and what it had found before. */
function Doctor({ details: { examinations } }: { details: RunDetails }) {
  const last = examinations.at(-1)
  const now = last?.diagnoses ?? []
  const earlier = new Set(examinations.flatMap(({ diagnoses }) => diagnoses.map(({ kind }) => kind)))
  for (const { kind } of now) earlier.delete(kind)
  return (
    <Panel title="Doctor">
      {!last && <p class="soft">The doctor has not examined this run yet.</p>}
      {last && now.length === 0 && (
        <Message kind="good">Nothing is wrong at step {formatCount(last.step)}.</Message>
      )}
      {now.map(({ kind, problem, remedy }) => (
        <Message kind="warn" key={kind}>
          <p>{plain(problem)}</p>
          <p class="soft">What to do: {plain(remedy)}</p>
        </Message>
      ))}
      {earlier.size > 0 && <p class="soft">Seen before, and gone: {formatValue([...earlier])}.</p>}
    </Panel>
  )
}

/** Read again when the run has taken more steps, a hundredth of all of them. */
function useDetails(row: RunRow | undefined): RunDetails | undefined {
  const details = useSignal<RunDetails | undefined>(undefined)
  // A hundredth of the run is about as often as the doctor looks.
  const part = row && Math.floor((100 * row.steps) / Math.max(1, row.totalSteps))
  useEffect(() => {
    if (!row) return
    void attempt(async () => {
      details.value = await get<RunDetails>('/api/run', { id: row.id })
    })
  }, [row?.id, row?.status, part])
  return details.value
}
