import { Chart, type Line } from '../../parts/chart.tsx'
import { Panel } from '../../parts/panel.tsx'
import type { Run } from '../training/run.ts'

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
  const { episodes, evaluations, learned } = curves
  const line = (name: string, y: (number | null)[], colour: number, more: Partial<Line> = {}): Line => ({
    name,
    x: learned.step,
    y,
    colour,
    ...more,
  })
  return (
    <Panel title="Learning" class="charts">
      <Chart
        title="Return of an episode"
        height={230}
        linked="run"
        lines={[
          { name: 'exploring', x: episodes.step, y: episodes.return, colour: 6, style: 'points' },
          { name: 'evaluated', x: evaluations.step, y: evaluations.mean, colour: 1 },
          ...(rival ? [evaluatedOf(rival, rivalName)] : []),
        ]}
      />
      <div class="small-charts">
        <Chart
          title="Entropy"
          linked="run"
          lines={[
            line('now', learned.entropy, 3),
            line('target', learned.targetEntropy, 6, { style: 'dashed' }),
          ]}
        />
        <Chart title="Temperature" linked="run" lines={[line('alpha', learned.temperature, 2)]} />
        <Chart
          title="Start of an episode"
          linked="run"
          lines={[
            { name: 'Q promised', x: episodes.step, y: episodes.promised, colour: 4, style: 'dashed' },
            { name: 'earned', x: episodes.step, y: episodes.earned, colour: 1 },
          ]}
        />
        <Chart title="Critic loss" linked="run" lines={[line('J(Q)', learned.criticLoss, 5)]} />
        <Chart title="Actor loss" linked="run" lines={[line('J(π)', learned.actorLoss, 4)]} />
        <Chart
          title="Saturated actions"
          linked="run"
          format={value => `${(100 * value).toFixed(1)} %`}
          lines={[line('at a bound', learned.saturation, 2)]}
        />
      </div>
    </Panel>
  )
}

const evaluatedOf = ({ curves: { evaluations } }: Run, name: string): Line => ({
  name,
  x: evaluations.step,
  y: evaluations.mean,
  colour: 2,
  style: 'dashed',
})
