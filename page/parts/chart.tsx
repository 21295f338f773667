import 'uplot/dist/uPlot.min.css'
import './chart.css'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { aligned, type ChartLook, type Line, plotOptions } from './chart-plot.ts'
import { colourChanges } from './theme.tsx'

export type { Line } from './chart-plot.ts'

interface ChartProps extends ChartLook {
  title: string
  lines: readonly Line[]
  /** How a value is written. */
  format?: (value: number) => string
  /** Charts of one name share the cursor and their zoom along x. */
  linked?: string
  /** Called with what is in sight along x after someone zoomed; undefined is all of it. */
  onZoom?: (range: [number, number] | undefined) => void
}

/** Four digits are what one reads. */
const short = (value: number) =>
  Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-3)
    ? value.toExponential(1)
    : String(Number(value.toPrecision(4)))

/** Lines over steps, with the values under the cursor, or the last ones, beside their names. */
export function Chart({ title, lines, format = short, linked, onZoom, ...look }: ChartProps) {
  const { height = 180, xName = 'steps' } = look
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(null)
  const [under, setUnder] = useState<number | undefined>()
  const zoomed = useRef(onZoom)
  zoomed.current = onZoom
  const data = aligned(lines)
  const newest = useRef(data)
  newest.current = data
  const kinds = lines
    .map(({ name, colour, style, faint, band }) => [name, colour, style, faint, band])
    .join('|')
  const recoloured = colourChanges.value

  // Made anew only where lines of another kind come.
  useLayoutEffect(() => {
    const element = place.current!
    const made = new uPlot(
      plotOptions({ ...look, height, xName }, lines, {
        width: element.clientWidth,
        linked,
        onCursor: setUnder,
        onZoom: range => zoomed.current?.(range),
      }),
      newest.current,
      element,
    )
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
    }
  }, [kinds, recoloured, height, linked])

  useLayoutEffect(() => plot.current!.setData(data))

  const shown = lines.map((line, i) => {
    const column = data[i + 1]
    const value = under === undefined ? line.y.at(-1) : column[under]
    return { line, text: typeof value === 'number' ? format(value) : '–' }
  })
  const said = `${title} over ${xName}: ${shown.map(({ line, text }) => `${line.name} ${text}`).join(', ')}`
  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
        {shown
          .filter(({ line }) => !line.unnamed)
          .map(({ line, text }) => (
            <span class="key" key={line.name}>
              <Sample line={line} />
              {line.name} <b>{text}</b>
            </span>
          ))}
      </figcaption>
      <div class="plot" role="img" aria-label={said} style={{ height: `${height}px` }} ref={place} />
    </figure>
  )
}

/** How a line looks, so that colour is not all that tells it from others. */
export const Sample = ({ line: { colour, style } }: { line: Pick<Line, 'colour' | 'style'> }) => (
  <svg width="18" height="8" aria-hidden="true">
    {style === 'points' ? (
      <circle cx="9" cy="4" r="3" fill={`var(--series-${colour})`} />
    ) : (
      <line
        x1="1"
        x2="17"
        y1="4"
        y2="4"
        stroke={`var(--series-${colour})`}
        stroke-width="2.4"
        stroke-dasharray={style === 'dashed' ? '4 3' : undefined}
      />
    )}
  </svg>
)
