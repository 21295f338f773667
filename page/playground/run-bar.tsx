import { Choice } from '../parts/fields.tsx'
import type { Pace } from './training/plan.ts'
import type { Run } from './training/run.ts'

const PACES = [
  ['real', 'Real time'],
  ['tenfold', '10×'],
  ['fast', 'Fast'],
] as const satisfies readonly (readonly [Pace, string])[]

interface RunBarProps {
  run: Run
  pace: Exclude<Pace, 'paused'>
  onPace: (pace: Exclude<Pace, 'paused'>) => void
  onReset: () => void
}

/** Start, pause, one step, reset, and how fast. */
export function RunBar({ run, pace, onPace, onReset }: RunBarProps) {
  const running = run.pace.value !== 'paused'
  const begun = run.counts.value.step > 0
  const choose = (next: Exclude<Pace, 'paused'>) => {
    onPace(next)
    if (running) run.setPace(next)
  }
  return (
    <div class="row run-bar">
      <button
        type="button"
        class="primary start"
        disabled={!run.about.value}
        onClick={() => run.setPace(running ? 'paused' : pace)}
      >
        {running ? 'Pause' : begun ? 'Continue' : 'Train'}
      </button>
      <button type="button" disabled={!run.about.value} onClick={() => run.step()}>
        One step
      </button>
      <button type="button" disabled={!run.about.value} onClick={onReset}>
        Reset
      </button>
      <Choice name="Speed" value={pace} options={PACES} onChange={choose} />
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
