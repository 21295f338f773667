import { signal, useSignalEffect } from '@preact/signals'
import { createRandom } from '../../../../src/index.ts'
import type { Chapter } from '../chapter.ts'
import {
  compileDensity,
  compileSquashedGaussian,
  type Density,
  type SquashedGaussian,
} from '../parts/gaussian.ts'
import { Equation, frac, mi, mn, mo, paren, row, sup } from '../parts/math.tsx'
import { glide } from '../parts/motion.ts'
import { decimals, Plot, path } from '../parts/plot.tsx'
import { Control } from '../parts/slider.tsx'

const DOTS = 36
const [NARROW, WIDE] = [0.3, 3]
/** How far u goes in the picture. */
const REACH = 5
const bend = Array.from({ length: 121 }, (_, i) => -REACH + (2 * REACH * i) / 120)
const bent = bend.map(Math.tanh)

export const squashed: Chapter = {
  name: 'Squashed Gaussian',
  title: 'A Gaussian, squashed, that one can differentiate',
  words: (
    <>
      <p>
        Motors have limits, a Gaussian has none. So the policy draws u = μ + σξ with noise ξ that does not
        depend on it, and takes a = tanh(u), which is always inside. That is the curve: each dot comes in from
        below at u and leaves to the right at a.
      </p>
      <p>
        Because the noise is held fixed, every action moves smoothly with μ and σ: its derivative exists, and
        Q can say to the policy which way is up.
      </p>
    </>
  ),
  equation: (
    <Equation>
      {row(
        mi('a'),
        mo('='),
        mi('tanh'),
        paren(mi('μ'), mo('+'), mi('σ'), mi('ξ')),
        mo(','),
        mi('ξ'),
        mo('∼'),
        mi('𝒩'),
        paren(mn(0), mo(','), mn(1)),
      )}
      {row(
        frac(row(mo('∂'), mi('a')), row(mo('∂'), mi('μ'))),
        mo('='),
        mn(1),
        mo('−'),
        sup(mi('a'), mn(2)),
        mo(','),
        frac(row(mo('∂'), mi('a')), row(mo('∂'), mi('σ'))),
        mo('='),
        paren(mn(1), mo('−'), sup(mi('a'), mn(2))),
        mi('ξ'),
      )}
    </Equation>
  ),
  question: 'Play makes σ larger and larger. How will the actions be spread?',
  answers: ['As a bell, wider and wider', 'Evenly between −1 and 1', 'Most at −1 and 1, few between'],
  open,
}

function open() {
  const sigma = signal(0.5)
  const seen = signal<ReturnType<typeof measured> | undefined>(undefined)
  const random = createRandom(3, 'squashing')
  const noise = Float32Array.from({ length: DOTS }, () => random.normal())
  let closed = false
  let compiled: { curve: Density; dots: SquashedGaussian } | undefined
  const ready = Promise.all([compileDensity(), compileSquashedGaussian(DOTS)]).then(([curve, dots]) => {
    compiled = { curve, dots }
    look(sigma.peek())
  })

  function measured(spread: number) {
    return {
      ...compiled!.curve(spread),
      u: noise.map(xi => spread * xi),
      a: compiled!.dots(0, spread, noise).action,
    }
  }
  const look = (spread: number) => {
    if (compiled) seen.value = measured(spread)
  }

  return {
    Picture() {
      useSignalEffect(() => look(sigma.value))
      const now = seen.value
      return (
        <Plot
          label={`Noise of spread ${decimals(sigma.value)} becomes actions by way of tanh; at the right their density`}
          x={[-REACH, REACH]}
          y={[-1.3, 1.3]}
          xName="u = μ + σξ"
          yName="a = tanh(u)"
          height={420}
          aside={110}
        >
          {scales => {
            const edge = scales.width - 112
            return (
              <>
                <path d={path(scales, bend, bent)} class="line" stroke="var(--ink-soft)" />
                {now &&
                  Array.from(now.a, (a, i) => {
                    const u = Math.max(-REACH, Math.min(REACH, now.u[i]))
                    return (
                      <g key={i}>
                        <path d={`M${scales.x(u)} ${scales.y(-1.3)}V${scales.y(a)}H${edge}`} class="ray" />
                        <circle
                          class="ball"
                          cx={scales.x(u)}
                          cy={scales.y(-1.3)}
                          r="4"
                          fill="var(--series-2)"
                        />
                        <circle class="ball" cx={edge} cy={scales.y(a)} r="4" fill="var(--series-1)" />
                      </g>
                    )
                  })}
                {now && (
                  <path
                    class="line"
                    stroke="var(--series-1)"
                    fill="var(--series-1)"
                    fill-opacity="0.18"
                    d={`M${edge + 8} ${scales.y(now.at[0])}${Array.from(now.at, (a, i) => `L${edge + 8 + Math.min(1.6, now.density[i]) * 55} ${scales.y(a)}`).join('')}L${edge + 8} ${scales.y(now.at[now.at.length - 1])}`}
                  />
                )}
                <text class="axis" x={edge + 52} y={scales.height - 24} text-anchor="middle">
                  density of a
                </text>
              </>
            )
          }}
        </Plot>
      )
    },
    Control: () => <Control name="Spread σ" value={sigma} min={NARROW} max={WIDE} />,
    async play() {
      await ready
      await glide(
        4,
        share => {
          sigma.value = NARROW * (WIDE / NARROW) ** share
        },
        () => closed,
      )
      const { a } = measured(sigma.peek())
      const outside = a.filter(value => Math.abs(value) > 0.8).length / DOTS
      return {
        right: outside > 0.5 ? 2 : 1,
        why: (
          <>
            {Math.round(100 * outside)} % of the actions are now beyond ±0.8. tanh leaves the middle as it is
            and presses all that is far out against the bounds, so that a wide bell becomes two horns. The
            density has to account for that, by −log(1 − a²), and the derivative 1 − a² is nearly 0 out there:
            a policy that has saturated learns slowly. The doctor of the playground watches for it.
          </>
        ),
      }
    },
    close() {
      closed = true
    },
  }
}
