/** The policy and the critics at one state. */
import { Chart } from '../../parts/chart.tsx'
import type { Choices } from '../training/choice-maps.ts'
import type { ActionCurves } from '../training/maps.ts'
import type { ChoiceAbout } from '../world/choices.ts'

/** Q and the policy's density over the first action. */
export const ActionCharts = ({ curves: { actions, q, density } }: { curves: ActionCurves }) => (
  <>
    <Chart
      title="Q at the chosen state"
      xName="the action"
      height={120}
      lines={[{ name: 'Q(s, ·)', unnamed: true, x: actions, y: q, colour: 4 }]}
    />
    {density && (
      <Chart
        title="Density of the policy there"
        xName="the action"
        height={120}
        lines={[{ name: 'π(· | s)', unnamed: true, x: actions, y: density, colour: 1 }]}
      />
    )}
  </>
)

/** Of more choices than these the likeliest are shown. */
const MOST = 12

/** The probability of each choice as a bar, with its value. */
export function ChoiceTable({ choices, about }: { choices: Choices; about: readonly ChoiceAbout[] }) {
  const { probabilities, q } = choices
  const all = probabilities.map((probability, i) => ({
    probability,
    q: q[i],
    name: about[i]?.name ?? `${i}`,
  }))
  const shown = all.length > MOST ? all.sort((a, b) => b.probability - a.probability).slice(0, MOST) : all
  return (
    <table class="choices">
      <caption>The choices at the chosen state</caption>
      <thead>
        <tr>
          <th scope="col">action</th>
          <th scope="col">π(a | s)</th>
          <th scope="col">Q(s, a)</th>
        </tr>
      </thead>
      <tbody>
        {shown.map(({ name, probability, q }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <span class="share" style={{ '--share': probability }} />
              <span class="number">{(100 * probability).toFixed(0)} %</span>
            </td>
            <td class="number">{q.toPrecision(3)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
