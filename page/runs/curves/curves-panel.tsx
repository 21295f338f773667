import { signal } from '@preact/signals'
import { METRIC_TAGS, type MetricName } from '../../../src/run/metrics.ts'
import type { Curve, Gathering, RunRow, XAxis } from '../../../src/run/ui/messages.ts'
import { Chart, Sample } from '../../parts/chart.tsx'
import { Choice, Slider } from '../../parts/fields.tsx'
import { Message } from '../../parts/panel.tsx'
import { formatNumber } from '../format.ts'
import { runs } from '../server.ts'
import { show, view } from '../view.ts'
import { copyPng, copySvg } from './chart-image.ts'
import { useCurves } from './fetch-curves.ts'
import { linesOf, lookOf, namesOf, needsList, panelOf, placesOf, X_NAMES } from './lines.ts'
import { RangeFields } from './range-fields.tsx'

/** The curves that are on the screen, for a report. */
export const onScreen = signal<
  readonly { metric: MetricName; curves: readonly Curve[]; names: readonly string[] }[]
>([])

const ALL = Object.keys(METRIC_TAGS) as MetricName[]

/** Curves of runs, and how they are drawn. */
export function CurvesPanel({
  rows,
  metrics: fixed,
}: {
  rows: readonly RunRow[]
  metrics?: readonly MetricName[]
}) {
  const { x, gather, smoothing, metrics, range } = view.value
  const { found, fault } = fixed ? { found: fixed, fault: undefined } : metricsMatching(metrics)
  const single = rows.length === 1
  const curves = useCurves(rows, found, { x, gather: single ? 'none' : gather, smoothing, range }).value
  const drawn = found.flatMap(metric => {
    const own = curves[metric] ?? []
    return own.length > 0 ? [{ metric, curves: own, names: namesOf(own, runs.value) }] : []
  })
  onScreen.value = drawn
  const gathers = !single && gather !== 'none'
  const all = legendOf(drawn, rows, gathers)
  const listed = needsList(all.map(({ name }) => name))
  return (
    <section class="panel" aria-labelledby="curves-heading">
      <header>
        <h2 id="curves-heading">
          Curves{!single && ` of ${rows.length === 1 ? '1 run' : `${rows.length} runs`}`}
        </h2>
      </header>
      <div class="curve-settings">
        {!fixed && (
          <label class="field metrics">
            <span>Metrics, as a regular expression</span>
            <input
              type="text"
              value={metrics}
              spellcheck={false}
              aria-invalid={fault !== undefined}
              onInput={event => show({ metrics: event.currentTarget.value })}
            />
          </label>
        )}
        <Choice<XAxis>
          name="Over"
          value={x}
          options={[
            ['steps', 'steps'],
            ['updates', 'updates'],
            ['time', 'time'],
          ]}
          onChange={next => show({ x: next, range: undefined })}
        />
        {!single && (
          <Choice<Gathering>
            name="Runs that differ only in their seeds"
            value={gather}
            options={[
              ['none', 'each run'],
              ['mean', 'mean'],
              ['iqm', 'IQM'],
            ]}
            onChange={next => show({ gather: next })}
          />
        )}
        <div class="smoothing">
          <Slider
            name="Smoothing"
            value={smoothing}
            min={0}
            max={0.99}
            step={0.01}
            onChange={next => show({ smoothing: next })}
          />
        </div>
        {(range || drawn.length > 0) && (
          <RangeFields
            name={X_NAMES[x]}
            range={range}
            extent={range ?? extentOf(drawn.flatMap(({ curves }) => curves))}
            onChange={next => show({ range: next })}
          />
        )}
      </div>
      {fault && <Message kind="bad">{fault}</Message>}
      {!fault && found.length === 0 && <Message>No metric is called so. There are {ALL.join(', ')}.</Message>}
      {!fault && found.length > 0 && drawn.length === 0 && (
        <p class="soft">Nothing of this has been logged yet.</p>
      )}
      {listed && <Names all={all} />}
      <div class={`charts ${drawn.length === 1 ? 'one' : ''}`}>
        {drawn.map(({ metric, curves: own, names }) => (
          <div class="chart-box" key={metric}>
            <Chart
              title={metric}
              lines={linesOf(own, names, placesOf(own, rows, gathers), listed)}
              height={220}
              xName={X_NAMES[x]}
              format={formatNumber}
              linked="curves"
              onZoom={next => show({ range: next })}
            />
            <div class="row tools">
              <button
                type="button"
                class="plain"
                onClick={() => copySvg(panelOf(metric, { x, range }, own, names), metric)}
              >
                Copy SVG<span class="unseen"> of {metric}</span>
              </button>
              <button
                type="button"
                class="plain"
                onClick={() => copyPng(panelOf(metric, { x, range }, own, names), metric)}
              >
                Copy PNG<span class="unseen"> of {metric}</span>
              </button>
            </div>
          </div>
        ))}
      </div>
    </section>
  )
}

/** From the first to the last x of any curve. */
const extentOf = (curves: readonly Curve[]): [number, number] => [
  Math.min(...curves.map(({ x }) => x[0] ?? 0)),
  Math.max(...curves.map(({ x }) => x.at(-1) ?? 0)),
]

function metricsMatching(pattern: string): { found: MetricName[]; fault?: string } {
  try {
    const expression = new RegExp(pattern, 'i')
    return { found: ALL.filter(name => expression.test(name) || expression.test(METRIC_TAGS[name])) }
  } catch (error) {
    return { found: [], fault: `${(error as Error).message}.` }
  }
}

/** Every curve of any chart, once. */
function legendOf(
  drawn: readonly { curves: readonly Curve[]; names: readonly string[] }[],
  rows: readonly RunRow[],
  gathers: boolean,
): { name: string; place: number }[] {
  const found = new Map<number, string>()
  for (const { curves, names } of drawn) {
    for (const [i, place] of placesOf(curves, rows, gathers).entries()) found.set(place, names[i])
  }
  return [...found].sort(([a], [b]) => a - b).map(([place, name]) => ({ name, place }))
}

/** Where charts have too many lines to name them all beside each. */
const Names = ({ all }: { all: readonly { name: string; place: number }[] }) => (
  <ul class="names">
    {all.map(({ name, place }) => (
      <li key={name} class="key">
        <Sample line={lookOf(place)} />
        {name}
      </li>
    ))}
  </ul>
)
