import { Chart, type Line } from '../../parts/chart.tsx'
import { Panel } from '../../parts/panel.tsx'
import { type Columned, SUCCESS_EPISODES } from '../training/curves.ts'
import type { Run } from '../training/run.ts'
import { pin, pinned, unpin } from './pinned.ts'

interface ChartsProps {
  run: Run
  /** Another run on the same seed, drawn dashed. */
  rival?: Run
  rivalName: string
}

/** How well it does, and what goes on inside. */
export function Charts({ run, rival, rivalName }: ChartsProps) {
  const { curves } = run
  // Read, so that this is drawn again when something is added.
  curves.changes.value
  rival?.curves.changes.value
  const behind = pinned.value
  const { promised, earned, success, step: episodeSteps } = curves.episodes
  /** What was learned, with the same of the run that is pinned behind it. */
  const learned = (
    name: string,
    column: Exclude<keyof Columned['learned'], 'step'>,
    colour: number,
    more: Partial<Line> = {},
  ): Line[] => [
    ...faint(behind?.curves.learned.step, behind?.curves.learned[column], colour),
    { name, x: curves.learned.step, y: curves.learned[column], colour, ...more },
  ]
  const { episodes: before, evaluations: evaluatedBefore } = behind?.curves ?? {}
  const { evaluations } = curves
  const hasGoals = [success, evaluations.success].some(column => column.some(value => value !== null))
  return (
    <Panel title="Learning" class="charts" aside={<Pin run={run} />}>
      {behind && <p class="soft pinned">Pale, behind: {behind.name}.</p>}
      <Chart
        title="Return of an episode"
        height={230}
        linked="run"
        lines={[
          ...faint(evaluatedBefore?.step, evaluatedBefore?.mean, 1),
          { name: 'exploring', x: episodeSteps, y: curves.episodes.return, colour: 6, style: 'points' },
          { name: 'evaluated', x: evaluations.step, y: evaluations.mean, colour: 1 },
          ...(rival ? [evaluatedOf(rival, rivalName)] : []),
        ]}
      />
      <div class="small-charts">
        {hasGoals && (
          <Chart
            title="Goal reached"
            linked="run"
            format={percent}
            lines={[
              ...faint(evaluatedBefore?.step, evaluatedBefore?.success, 1),
              {
                name: `last ${SUCCESS_EPISODES} episodes`,
                x: episodeSteps,
                y: success,
                colour: 6,
                style: 'dashed',
              },
              { name: 'evaluated', x: evaluations.step, y: evaluations.success, colour: 1 },
            ]}
          />
        )}
        <Chart
          title="Entropy"
          linked="run"
          lines={[
            ...learned('now', 'entropy', 3),
            {
              name: 'target',
              x: curves.learned.step,
              y: curves.learned.targetEntropy,
              colour: 6,
              style: 'dashed',
            },
          ]}
        />
        <Chart title="Temperature" linked="run" lines={learned('alpha', 'temperature', 2)} />
        <Chart
          title="Start of an episode"
          linked="run"
          lines={[
            ...faint(before?.step, before?.earned, 1),
            { name: 'Q promised', x: episodeSteps, y: promised, colour: 4, style: 'dashed' },
            { name: 'earned', x: episodeSteps, y: earned, colour: 1 },
          ]}
        />
        <Chart title="Critic loss" linked="run" lines={learned('J(Q)', 'criticLoss', 5)} />
        <Chart title="Actor loss" linked="run" lines={learned('J(π)', 'actorLoss', 4)} />
        {run.about.value?.actionSpace.kind !== 'discrete' && (
          <Chart
            title="Saturated actions"
            linked="run"
            format={percent}
            lines={learned('at a bound', 'saturation', 2)}
          />
        )}
      </div>
    </Panel>
  )
}

/** Keeps the present curves behind those that come, or lets them go. */
function Pin({ run }: { run: Run }) {
  run.curves.changes.value
  const begun = run.curves.learned.step.length > 0
  return (
    <span class="row">
      {pinned.value && (
        <button type="button" onClick={unpin}>
          Unpin
        </button>
      )}
      <button type="button" disabled={!begun} onClick={() => pin(run)}>
        Pin these curves
      </button>
    </span>
  )
}

const percent = (value: number) => `${(100 * value).toFixed(1)} %`

/** A line of the run that is pinned; none without one. */
const faint = (x: number[] | undefined, y: (number | null)[] | undefined, colour: number): Line[] =>
  x && y ? [{ name: 'pinned', x, y, colour, faint: true, unnamed: true }] : []

const evaluatedOf = ({ curves: { evaluations } }: Run, name: string): Line => ({
  name,
  x: evaluations.step,
  y: evaluations.mean,
  colour: 2,
  style: 'dashed',
})
