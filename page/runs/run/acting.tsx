import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { PolicyEntry, RunDetails } from '../../../src/run/ui/messages.ts'
import { Message, Panel } from '../../parts/panel.tsx'
import type { Picture as Moment } from '../../playground/training/reports.ts'
import { Picture } from '../../playground/world/picture.tsx'
import { formatCount, formatNumber, plain } from '../format.ts'
import { attempt, getBytes, postWithConsent } from '../server.ts'
import type { ActingOrder } from './acting-worker.ts'

interface ActingProps {
  id: string
  details: RunDetails
  shown: PolicyEntry | undefined
  onChoose(name: string): void
}

/** The policy at work, as it was at any time that the run has saved. */
export function Acting({ id, details, shown, onChoose }: ActingProps) {
  const { inPage, policies } = details
  return (
    <Panel
      title="The policy acting"
      aside={
        policies.length > 1 && inPage ? (
          <span class="row">
            {policies
              .filter(({ kind }) => kind !== 'snapshot')
              .map(({ name, kind }) => (
                <button
                  type="button"
                  key={name}
                  aria-pressed={shown?.name === name}
                  onClick={() => onChoose(name)}
                >
                  {kind === 'best' ? 'Best' : 'Newest'}
                </button>
              ))}
          </span>
        ) : undefined
      }
    >
      {!shown && <p class="soft">There is nothing to see before the first policy is saved.</p>}
      {shown && inPage && <InPage id={id} inPage={inPage} shown={shown} />}
      {shown && !inPage && <AsFilm id={id} details={details} />}
    </Panel>
  )
}

function InPage({ id, inPage, shown }: { id: string; inPage: ActingOrder['inPage']; shown: PolicyEntry }) {
  const picture = useSignal<Moment | undefined>(undefined)
  const fault = useSignal('')
  const playing = useSignal(!matchMedia('(prefers-reduced-motion: reduce)').matches)
  const worker = useRef<Worker>(undefined)
  useEffect(() => {
    if (!playing.value) return
    const own = new Worker(new URL('./acting-worker.ts', import.meta.url), { type: 'module' })
    worker.current = own
    own.addEventListener('message', ({ data }: MessageEvent<{ picture?: Moment; fault?: string }>) => {
      if (data.picture) picture.value = data.picture
      fault.value = data.fault ?? ''
    })
    return () => {
      worker.current = undefined
      own.terminate()
    }
  }, [playing.value])
  useEffect(() => {
    void attempt(async () => {
      const order: ActingOrder = { bytes: await getBytes('/api/policy', { id, name: shown.name }), inPage }
      worker.current?.postMessage(order)
    })
  }, [shown.name, shown.step, playing.value])
  const { episode } = picture.value ?? {}
  return (
    <div class="column acting">
      <Picture
        run={{ picture }}
        label={`${inPage.environment}, as the policy after ${formatCount(shown.step)} steps acts`}
      />
      <div class="row spread">
        <span>
          after {formatCount(shown.step)} steps of training
          {episode && (
            <span class="soft">
              {' '}
              · step {episode.step}, return {formatNumber(episode.return)}
            </span>
          )}
        </span>
        <button type="button" onClick={() => (playing.value = !playing.value)}>
          {playing.value ? 'Pause' : 'Play'}
        </button>
      </div>
      {fault.value && <Message kind="bad">{plain(fault.value)}</Message>}
    </div>
  )
}

/** Where the environment is a file or in Python, the command line films it. */
function AsFilm({ id, details: { programs, trusted } }: { id: string; details: RunDetails }) {
  const film = useSignal<string | undefined>(undefined)
  const busy = useSignal(false)
  async function make(): Promise<void> {
    busy.value = true
    await attempt(async () => {
      const answer = await postWithConsent('/api/film', { id })
      if (answer) film.value = URL.createObjectURL(await answer.blob())
    })
    busy.value = false
  }
  return (
    <div class="column">
      <p>
        This environment cannot be made in the page. A film of the newest policy executes{' '}
        {plain(programs.join(' and ') || 'it')} on this machine{!trusted && ', and asks before it does'}.
      </p>
      {film.value && <img src={film.value} alt="The newest policy acting" class="world" />}
      <button type="button" disabled={busy.value} onClick={make}>
        {busy.value ? 'Filming …' : 'Make a film'}
      </button>
    </div>
  )
}
