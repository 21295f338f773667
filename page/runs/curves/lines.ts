import type { ChartLine, ChartPanel } from '../../../src/chart/line-chart.ts'
import type { Curve, RunRow, XAxis } from '../../../src/run/ui/messages.ts'
import type { Line } from '../../parts/chart.tsx'
import { plain } from '../format.ts'
import { titlesOf } from '../titles.ts'
import type { View } from '../view-address.ts'

/** Colours of the palette; after them the same with dashes. */
const COLOURS = 6
/** With more or longer ones, names beside the chart are larger than the chart: then there is one list above all. */
const MOST_NAMED = 3
const LONGEST_NAME = 26

export const X_NAMES: Record<XAxis, string> = {
  steps: 'environment steps',
  updates: 'gradient updates',
  time: 'seconds at work',
}

/** How a run looks in every chart: by its place among those drawn. */
export const lookOf = (place: number): Pick<Line, 'colour' | 'style'> => ({
  colour: (place % COLOURS) + 1,
  style: Math.floor(place / COLOURS) % 2 === 1 ? 'dashed' : 'solid',
})

/** Names for curves: of their run, or of what distinguishes their experiment from others. */
export function namesOf(curves: readonly Curve[], runs: ReadonlyMap<string, RunRow>): string[] {
  const firsts = curves.map(({ id }) => runs.get(id)).filter(row => row !== undefined)
  const isGathered = curves.some(curve => curve.runs.length > 1)
  if (!isGathered || firsts.length < curves.length) return curves.map(({ id }) => plain(id))
  const titles = titlesOf(firsts)
  return curves.map((curve, i) => plain(`${titles[i]} (${curve.runs.length})`))
}

/** Whether charts have no names of their own. */
export const needsList = (names: readonly string[]): boolean =>
  names.length > MOST_NAMED || names.some(name => name.length > LONGEST_NAME)

/** The places of curves among all that are drawn, so that a run has one colour in every chart. */
export function placesOf(curves: readonly Curve[], rows: readonly RunRow[], gathers: boolean): number[] {
  const keys = gathers ? [...new Set(rows.map(({ experiment }) => experiment))] : rows.map(({ id }) => id)
  const experiments = new Map(rows.map(({ id, experiment }) => [id, experiment]))
  return curves.map(({ id }) => keys.indexOf(gathers ? experiments.get(id)! : id))
}

/** What the chart draws: interval, raw values and curve of each. */
export function linesOf(
  curves: readonly Curve[],
  names: readonly string[],
  places: readonly number[],
  unnamed: boolean,
): Line[] {
  return curves.flatMap(({ x, y, raw, low, high }, i): Line[] => {
    const look = lookOf(places[i])
    const name = names[i]
    const hidden = { ...look, x, unnamed: true }
    return [
      ...(low && high
        ? [
            { ...hidden, name: `${name}, low`, y: low, band: name },
            { ...hidden, name: `${name}, high`, y: high, band: name },
          ]
        : []),
      ...(raw ? [{ ...hidden, name: `${name}, raw`, y: raw, faint: true }] : []),
      { ...look, name, x, y, unnamed, ...(x.length === 1 && { style: 'points' as const }) },
    ]
  })
}

/** The same as a picture that can be sent around. */
export function panelOf(
  title: string,
  { x, range }: Pick<View, 'x' | 'range'>,
  curves: readonly Curve[],
  names: readonly string[],
): ChartPanel {
  const [from, to] = range ?? [0, Infinity]
  const lines = curves.map(
    ({ x: xs, y, low, high }, i): ChartLine => ({
      label: names[i],
      points: xs.flatMap((at, k) => {
        const value = y[k]
        if (value === null || at < from || at > to) return []
        return { x: at, y: value, ...(low?.[k] != null && { low: low[k], high: high![k]! }) }
      }),
    }),
  )
  const drawn = lines.filter(({ points }) => points.length > 0)
  return { title, xLabel: X_NAMES[x], yLabel: title, xStart: from, lines: drawn }
}
