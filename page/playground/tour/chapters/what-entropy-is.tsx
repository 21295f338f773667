import { signal, useSignalEffect } from '@preact/signals'
import { createRandom } from '../../../../src/index.ts'
import type { Chapter } from '../chapter.ts'
import {
  compileDensity,
  compileSquashedGaussian,
  type Density,
  type SquashedGaussian,
} from '../parts/gaussian.ts'
import { Equation, expectation, logPolicy, mi, mo, paren, row } from '../parts/math.tsx'
import { glide } from '../parts/motion.ts'
import { area, decimals, Plot, path } from '../parts/plot.tsx'
import { Control } from '../parts/slider.tsx'

const SAMPLES = 2000
const SHOWN = 40
const [NARROW, WIDE] = [0.05, 0.85]
/** What the gauge spans. */
const [LOW, HIGH] = [-2, 1]

export const whatEntropyIs: Chapter = {
  name: 'What entropy is',
  title: 'Entropy is the surprise to be expected',
  words: (
    <>
      <p>
        An action of density π(a) surprises by −log π(a): rare actions a lot, usual ones little. Entropy is
        the mean of that over the actions that the policy takes. A wide density has a large one, a narrow
        density a small one.
      </p>
      <p>
        The dots are actions that were drawn; the bar at the right is the mean of their surprise. Change the
        spread and watch it.
      </p>
    </>
  ),
  equation: (
    <Equation>
      {row(mi('ℋ'), paren(mi('π')), mo('='), expectation(row(mi('a'), mo('∼'), mi('π')), mo('−'), logPolicy))}
    </Equation>
  ),
  question: `Play makes the policy narrower and narrower. Where does its entropy go?`,
  answers: [
    'It comes to rest at 0: certain is certain',
    'It falls below 0',
    'It stays as it is: the area is always 1',
  ],
  open,
}

function open() {
  const sigma = signal(0.5)
  const seen = signal<ReturnType<typeof measured> | undefined>(undefined)
  const random = createRandom(2, 'entropy')
  const drawn = Float32Array.from({ length: SAMPLES }, () => random.normal())
  let closed = false
  let compiled: { curve: Density; samples: SquashedGaussian } | undefined
  const ready = Promise.all([compileDensity(), compileSquashedGaussian(SAMPLES)]).then(([curve, samples]) => {
    compiled = { curve, samples }
    look(sigma.peek())
  })

  function measured(spread: number) {
    const { action, logProb } = compiled!.samples(0, spread, drawn)
    return {
      ...compiled!.curve(spread),
      dots: action.subarray(0, SHOWN),
      entropy: -logProb.reduce((sum, value) => sum + value, 0) / SAMPLES,
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
          label={`The policy's density, and its entropy: ${now ? decimals(now.entropy) : ''}`}
          x={[-1, 1]}
          y={[0, 9]}
          xName="action"
          yName="density"
          aside={92}
        >
          {scales =>
            now && (
              <>
                <path d={area(scales, now.at, now.density)} fill="var(--series-1)" opacity="0.2" />
                <path d={path(scales, now.at, now.density)} class="line" stroke="var(--series-1)" />
                {Array.from(now.dots, (a, i) => (
                  <circle
                    key={i}
                    class="ball"
                    cx={scales.x(a)}
                    cy={scales.y(0) - 5 - (i % 4) * 3}
                    r="4"
                    fill="var(--series-2)"
                  />
                ))}
                <Gauge value={now.entropy} left={scales.width - 62} top={30} bottom={scales.height - 42} />
              </>
            )
          }
        </Plot>
      )
    },
    Control: () => <Control name="Spread σ" value={sigma} min={NARROW} max={WIDE} step={0.01} />,
    async play() {
      await ready
      await glide(
        4,
        share => {
          sigma.value = WIDE * (NARROW / WIDE) ** share
        },
        () => closed,
      )
      const { entropy } = measured(sigma.peek())
      return {
        right: entropy < -0.1 ? 1 : Math.abs(entropy) <= 0.1 ? 0 : 2,
        why: (
          <>
            At σ = {decimals(sigma.peek())} the entropy is {decimals(entropy)}. A density is no probability:
            where it is higher than 1, its logarithm is positive and the surprise negative. Nothing is odd,
            then, about the target that Soft Actor-Critic sets by itself, −1 for each action; the most there
            is on [−1, 1] is log 2 = 0.69.
          </>
        ),
      }
    },
    close() {
      closed = true
    },
  }
}

/** A bar that grows up or down from 0. */
function Gauge({ value, left, top, bottom }: { value: number; left: number; top: number; bottom: number }) {
  const y = (at: number) => bottom - ((at - LOW) / (HIGH - LOW)) * (bottom - top)
  const at = Math.max(LOW, Math.min(HIGH, value))
  return (
    <g class="gauge">
      <rect x={left} width="22" y={top} height={bottom - top} rx="4" fill="var(--sunken)" />
      <rect
        x={left}
        width="22"
        y={Math.min(y(0), y(at))}
        height={Math.abs(y(at) - y(0))}
        fill={`var(--series-${value < 0 ? 4 : 3})`}
      />
      <line x1={left - 5} x2={left + 27} y1={y(0)} y2={y(0)} stroke="var(--ink)" />
      <text x={left + 31} y={y(0)} dominant-baseline="central">
        0
      </text>
      <text x={left + 11} y={top - 12} text-anchor="middle" class="axis">
        entropy
      </text>
      <text x={left + 11} y={bottom + 18} text-anchor="middle" class="strong">
        {decimals(value)}
      </text>
    </g>
  )
}
