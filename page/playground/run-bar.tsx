import { Choice } from '../parts/fields.tsx'
import { begin, pace, plan, rival, run, setPace } from './state.ts'
import type { Pace } from './training/plan.ts'
import type { Run } from './training/run.ts'

const PACES = [
  ['real', 'Real time'],
  ['tenfold', '10×'],
  ['fast', 'Fast'],
] as const satisfies readonly (readonly [Pace, string])[]

/** Start, pause, one step, reset, how fast, and the seed. */
export function RunBar() {
  const running = run.pace.value !== 'paused'
  const begun = run.counts.value.step > 0
  const disabled = !run.ready.value || rival.value?.ready.value === false
  return (
    <div class="row run-bar">
      <button
        type="button"
        class="primary start"
        disabled={disabled}
        onClick={() => setPace(running ? 'paused' : pace.value)}
      >
        {running ? 'Pause' : begun ? 'Continue' : 'Train'}
      </button>
      <button type="button" disabled={disabled} onClick={() => run.step()}>
        One step
      </button>
      <button type="button" onClick={() => begin()}>
        Reset
      </button>
      <Choice
        name="Speed"
        value={pace.value}
        options={PACES}
        onChange={next => {
          pace.value = next
          if (running) setPace(next)
        }}
      />
      <label class="seed">
        Seed{' '}
        <input
          type="number"
          min="0"
          max="4294967295"
          value={plan.value.agent.seed}
          onChange={event => {
            const seed = event.currentTarget.valueAsNumber
            if (Number.isInteger(seed) && seed >= 0 && seed <= 0xffffffff) {
              begin({ ...plan.value, agent: { ...plan.value.agent, seed } })
            }
          }}
        />
      </label>
    </div>
  )
}

/** What has been done so far. */
export function Counts({ run }: { run: Run }) {
  const { step, episodes, updates, speed } = run.counts.value
  const entries = [
    ['steps', step.toLocaleString('en')],
    ['episodes', episodes.toLocaleString('en')],
    ['updates', updates.toLocaleString('en')],
    ['steps/s', speed === undefined ? '–' : Math.round(speed).toLocaleString('en')],
  ]
  return (
    <dl class="counts">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class="number">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
