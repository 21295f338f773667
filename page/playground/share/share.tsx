import { useSignal } from '@preact/signals'
import { Message, Panel } from '../../parts/panel.tsx'
import { FilmButtons } from '../film/film-buttons.tsx'
import { plan, received, run } from '../state.ts'
import { downloads } from './downloads.ts'
import { toHash } from './link.ts'

/** A link that trains the same bits, and files to take away. */
export function Share() {
  const copied = useSignal(false)
  const fingerprint = run.fingerprint.value
  const exact = !run.altered.value
  const link = location.href.replace(/#.*$/, '') + toHash(plan.value, exact ? fingerprint : undefined)
  const copy = async () => {
    await navigator.clipboard.writeText(link)
    copied.value = true
  }
  return (
    <Panel title="Share">
      <div class="column">
        <Verdict />
        <p>
          The link holds environment, settings and seed. Whoever opens it trains the same weights, to the last
          bit.
        </p>
        <div class="row">
          <input
            type="text"
            class="link mono"
            readOnly
            value={link}
            aria-label="Link to this run"
            onFocus={event => event.currentTarget.select()}
          />
          <button type="button" onClick={copy}>
            {copied.value ? 'Copied' : 'Copy link'}
          </button>
        </div>
        {!exact && (
          <small>
            This run was changed while it ran, so a link to it has its beginning but no fingerprint.
          </small>
        )}
        <fieldset class="row downloads">
          <legend class="unseen">Download what was learned</legend>
          {downloads.map(({ name, label, make }) => (
            <button key={name} type="button" disabled={!run.about.value} onClick={() => run.attempt(make())}>
              {label}
            </button>
          ))}
        </fieldset>
        <FilmButtons />
        <small>
          To use a policy from elsewhere, drop a <code>parameters.safetensors</code>, the folder of a run or a
          model of Stable-Baselines3 (<code>.zip</code>) anywhere on this page.
        </small>
      </div>
    </Panel>
  )
}

/** The weights' fingerprint, and whether it is the sender's. */
function Verdict() {
  const own = run.fingerprint.value
  const sent = received.value
  const at = sent?.step ?? own?.step
  if (!own) {
    return sent ? (
      <Message>
        This link was sent with a fingerprint of the weights after {sent.step.toLocaleString('en')} steps.
        Train, and both are compared.
      </Message>
    ) : null
  }
  if (run.altered.value) return null
  const digest = <span class="mono digest">{own.digest}</span>
  if (!sent) {
    return (
      <p>
        SHA-256 of the weights after {at?.toLocaleString('en')} steps: {digest}
      </p>
    )
  }
  const same = sent.digest === own.digest
  return (
    <Message kind={same ? 'good' : 'warn'}>
      {same ? 'The same as the sender’s: ' : 'Not the same as the sender’s: '}
      after {at?.toLocaleString('en')} steps the SHA-256 of the weights is {digest}
      {!same && (
        <>
          {' '}
          and the sender had <span class="mono digest">{sent.digest}</span>. Was it made by another version?
        </>
      )}
    </Message>
  )
}
