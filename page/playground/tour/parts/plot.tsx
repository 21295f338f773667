import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { ticks } from '../../../../src/chart/ticks.ts'

export interface Scales {
  /** From units to pixels. */
  x(value: number): number
  y(value: number): number
  width: number
  height: number
}

interface PlotProps {
  /** What is seen, for who does not see it. */
  label: string
  x: readonly [number, number]
  y: readonly [number, number]
  xName: string
  yName?: string
  /** In pixels, where there is room. Default 400. */
  height?: number
  /** Room at the right that belongs to no scale, in pixels. */
  aside?: number
  children: (scales: Scales) => ComponentChildren
}

const MARGIN = { left: 60, right: 14, top: 14, bottom: 42 }
/** In pixels; digits are all of one width. */
const DIGIT = 8

/** A picture with axes, as wide as there is room, in the colours of the theme. */
export function Plot({ label, x, y, xName, yName, height: tall = 400, aside = 0, children }: PlotProps) {
  const place = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const element = place.current!
    setWidth(element.clientWidth)
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  // A telephone has less room.
  const height = width < 500 ? Math.round(0.75 * tall) : tall
  const yTicks = ticks(y[0], y[1], 5)
  const inner = {
    left: Math.max(MARGIN.left, 32 + DIGIT * Math.max(...yTicks.map(at => written(at).length))),
    right: width - MARGIN.right - aside,
    top: MARGIN.top,
    bottom: height - MARGIN.bottom,
  }
  const scales: Scales = {
    x: value => inner.left + ((value - x[0]) / (x[1] - x[0])) * (inner.right - inner.left),
    y: value => inner.bottom - ((value - y[0]) / (y[1] - y[0])) * (inner.bottom - inner.top),
    width,
    height,
  }
  return (
    <div class="tour-plot" ref={place} style={{ height: `${height}px` }}>
      {width > 0 && (
        <svg width={width} height={height} role="img" aria-label={label}>
          {yTicks.map(at => (
            <g key={`y${at}`} class="tick">
              <line x1={inner.left} x2={inner.right} y1={scales.y(at)} y2={scales.y(at)} />
              <text x={inner.left - 8} y={scales.y(at)} text-anchor="end" dominant-baseline="central">
                {written(at)}
              </text>
            </g>
          ))}
          {ticks(x[0], x[1], width < 460 ? 3 : 5).map(at => (
            <text key={`x${at}`} class="tick" x={scales.x(at)} y={inner.bottom + 18} text-anchor="middle">
              {written(at)}
            </text>
          ))}
          <text class="axis" x={(inner.left + inner.right) / 2} y={height - 6} text-anchor="middle">
            {xName}
          </text>
          {yName && (
            <text
              class="axis"
              transform={`translate(11 ${(inner.top + inner.bottom) / 2}) rotate(-90)`}
              text-anchor="middle"
            >
              {yName}
            </text>
          )}
          {children(scales)}
        </svg>
      )}
    </div>
  )
}

/** Without the noise of binary fractions, and with a true minus. */
export const written = (value: number, digits = 6): string =>
  String(Number(value.toPrecision(digits))).replace('-', '−')

/** With so many decimals, and a true minus. */
export const decimals = (value: number, count = 2): string =>
  (Math.abs(value) < 0.5 * 10 ** -count ? 0 : value).toFixed(count).replace('-', '−')

/** A line through points; what is not finite leaves a gap. */
export function path(scales: Scales, x: ArrayLike<number>, y: ArrayLike<number | null>): string {
  let drawn = ''
  let down = false
  for (let i = 0; i < x.length; i++) {
    const value = y[i]
    if (value === null || !Number.isFinite(value)) {
      down = false
      continue
    }
    drawn += `${down ? 'L' : 'M'}${scales.x(x[i]).toFixed(1)} ${scales.y(value).toFixed(1)}`
    down = true
  }
  return drawn
}

/** The area between such a line and a base. */
export const area = (scales: Scales, x: ArrayLike<number>, y: ArrayLike<number>, base = 0): string =>
  `${path(scales, x, y)}L${scales.x(x[x.length - 1]).toFixed(1)} ${scales.y(base).toFixed(1)}L${scales.x(x[0]).toFixed(1)} ${scales.y(base).toFixed(1)}Z`

export interface Key {
  name: string
  /** Of the palette; 0 is the colour of text. */
  colour: number
  dashed?: boolean
}

/** What the lines are. */
export const Keys = ({ keys }: { keys: readonly Key[] }) => (
  <p class="tour-keys">
    {keys.map(({ name, colour, dashed }) => (
      <span key={name}>
        <svg width="22" height="8" aria-hidden="true">
          <line
            x1="1"
            x2="21"
            y1="4"
            y2="4"
            stroke={colour === 0 ? 'var(--ink)' : `var(--series-${colour})`}
            stroke-width="2.6"
            stroke-dasharray={dashed ? '5 4' : undefined}
          />
        </svg>
        {name}
      </span>
    ))}
  </p>
)
