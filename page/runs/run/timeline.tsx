import type { PolicyEntry, RunDetails, RunRow } from '../../../src/run/ui/messages.ts'
import { useCurves } from '../curves/fetch-curves.ts'
import { formatCount, plain } from '../format.ts'

interface TimelineProps {
  row: RunRow
  details: RunDetails
  shown: PolicyEntry | undefined
  onChoose(name: string): void
}

const WIDTH = 1000
const HEIGHT = 150

/** The return over the steps, with what the doctor found and which policies can be looked at. */
export function Timeline({ row, details, shown, onChoose }: TimelineProps) {
  const all = { x: 'steps', gather: 'none', smoothing: 0, range: undefined } as const
  const [curve] = useCurves([row], ['return'], all).value.return ?? []
  const end = Math.max(row.totalSteps, row.steps, 1)
  const at = (step: number) => (WIDTH * step) / end
  const ys = (curve?.y ?? []).filter(value => value !== null)
  const [low, high] = [Math.min(...ys), Math.max(...ys)]
  const height = (value: number) => 8 + (HEIGHT - 16) * (1 - (value - low) / (high - low || 1))
  const path = curve?.x
    .flatMap((x, i) => (curve.y[i] === null ? [] : [`${at(x)} ${height(curve.y[i])}`]))
    .join('L')
  const { policies, examinations } = details
  const place = policies.findIndex(({ name }) => name === shown?.name)
  /** The policy that was saved nearest to where the pointer is, as it is dragged along the curve. */
  const drag = (event: PointerEvent) => {
    if (event.buttons === 0 || policies.length === 0) return
    const element = event.currentTarget as SVGSVGElement
    element.setPointerCapture(event.pointerId)
    const { left, width } = element.getBoundingClientRect()
    const step = ((event.clientX - left) / width) * end
    const distance = (policy: PolicyEntry) => Math.abs(policy.step - step)
    onChoose(policies.reduce((a, b) => (distance(b) < distance(a) ? b : a)).name)
  }
  return (
    <div class="timeline">
      <svg
        onPointerDown={drag}
        onPointerMove={drag}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label="Return over the steps of the run"
      >
        {path && <path d={`M${path}`} />}
        {shown && <line class="now" x1={at(shown.step)} x2={at(shown.step)} y1="0" y2={HEIGHT} />}
      </svg>
      <div class="marks">
        {examinations.map(({ step, diagnoses }) => (
          <span
            key={step}
            class={diagnoses.length > 0 ? 'mark bad' : 'mark'}
            style={{ left: `${(100 * step) / end}%` }}
            title={
              diagnoses.length > 0
                ? `Step ${formatCount(step)}: ${diagnoses.map(({ problem }) => plain(problem)).join(' ')}`
                : `Step ${formatCount(step)}: nothing is wrong`
            }
          />
        ))}
      </div>
      {policies.length > 0 && shown ? (
        <label class="field">
          <span class="name">
            <span>Policy after {formatCount(shown.step)} steps</span>
            <span class="soft">{KINDS[shown.kind]}</span>
          </span>
          <input
            type="range"
            min={0}
            max={policies.length - 1}
            step={1}
            value={place}
            disabled={policies.length === 1}
            aria-valuetext={`after ${formatCount(shown.step)} steps`}
            onInput={event => onChoose(policies[event.currentTarget.valueAsNumber].name)}
          />
        </label>
      ) : (
        <p class="soft">It has not saved a policy yet.</p>
      )}
      <p class="soft">
        Drag along the curve to see what it could do then. Marks below it are the doctor's examinations; a
        triangle is one that found something wrong.
      </p>
    </div>
  )
}

const KINDS: Record<PolicyEntry['kind'], string> = {
  last: 'the last one saved',
  best: 'the best evaluation',
  snapshot: 'saved on the way',
}
