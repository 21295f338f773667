import { signal } from '@preact/signals'
import type { SacOptionsInput } from '../../../../src/index.ts'
import { Choice } from '../../../parts/fields.tsx'
import { type Axis, CELLS } from '../../training/maps.ts'
import type { Chapter } from '../chapter.ts'
import { Equation, mi, mn, mo, paren, row, sub, sup, under } from '../parts/math.tsx'
import { follow } from '../parts/motion.ts'
import { decimals, Keys, Plot, path } from '../parts/plot.tsx'
import { createPupil, type Pupil } from '../parts/pupil.ts'
import code from '../worlds/noise.js?raw'

const STEPS = 2000
/** From here on promises are averaged: it has found out what its critics like. */
const COUNTED_FROM = 500
const state: Axis = { index: 0, low: -1, high: 1 }
const states = Array.from({ length: CELLS }, (_, i) => -1 + (2 * i) / (CELLS - 1))

/** Critics with errors: few transitions at a time, large steps. */
const agent: SacOptionsInput = {
  hiddenSizes: [128, 128],
  activation: 'tanh',
  batchSize: 8,
  learningStarts: 100,
  actorLearningRate: 1e-3,
  criticLearningRate: 1e-2,
  gamma: 0.9,
  tau: 0.05,
  temperature: 0,
}

export const twinCritics: Chapter = {
  name: 'Twin critics',
  title: 'Two critics, and the smaller promise counts',
  words: (
    <>
      <p>
        A critic that learns is wrong everywhere by a little: too high here, too low there. The policy looks
        for the places where it is too high. And the critic's next target is taken right there, so that errors
        upwards feed on themselves.
      </p>
      <p>
        In this world nothing that one does matters: every reward is noise around 0, and so every true value
        is 0. The curves are what the critics promise for the policy's own action, state by state; the thick
        ones are their average.
      </p>
    </>
  ),
  equation: (
    <Equation>
      {row(
        mi('y'),
        mo('='),
        mi('r'),
        mo('+'),
        mi('γ'),
        under(mi('min'), row(mi('i'), mo('='), mn(1), mo(','), mn(2))),
        sub(mi('Q'), mi('i')),
        paren(sup(mi('s'), mo('′')), mo(','), sup(mi('a'), mo('′'))),
      )}
    </Equation>
  ),
  question: 'All true values are 0. What will an agent with one critic promise itself, on average?',
  answers: ['About 0: the errors cancel', 'Clearly more than 0', 'Clearly less than 0'],
  open,
}

interface Promised {
  one: number[]
  several: number[]
}

function open() {
  const critics = signal<'2' | '3' | '5'>('2')
  const now = signal<Promised | undefined>(undefined)
  /** Averages over the steps from `COUNTED_FROM` on. */
  const averages = signal<Promised | undefined>(undefined)
  const pupils = [0, 1].map(() => createPupil({ id: 'Noise-v0', options: {}, code }, agent))
  const [one, several] = pupils
  let counted = 0
  /** The network's answer for each state; both axes are the same one. */
  const promisedBy = async ({ run }: Pupil) =>
    Array.from((await run.remote.map({ x: state, y: state, base: [0] })).q.filter((_, i) => i % CELLS === 0))

  async function look(): Promise<void> {
    const [first, second] = await Promise.all(pupils.map(promisedBy))
    now.value = { one: first, several: second }
    if (one.run.counts.peek().step < COUNTED_FROM) return
    counted++
    const before = averages.peek() ?? now.peek()!
    averages.value = {
      one: blended(before.one, first, 1 / counted),
      several: blended(before.several, second, 1 / counted),
    }
  }
  const begin = async () => {
    counted = 0
    averages.value = undefined
    await Promise.all([one.begin({ critics: 1 }), several.begin({ critics: Number(critics.peek()) })])
    await look()
  }
  const begun = begin()
  begun.catch(() => {})

  return {
    Picture() {
      const most = `the least of ${critics.value}`
      const [shown, averaged] = [now.value, averages.value]
      return (
        <>
          <Plot
            label={`What one critic and ${most} promise in each state, and the truth, 0`}
            x={[-1, 1]}
            y={[-2, 3]}
            xName="state"
            yName="promised value"
          >
            {scales => (
              <>
                <path
                  d={`M${scales.x(-1)} ${scales.y(0)}H${scales.x(1)}`}
                  class="line dashed"
                  stroke="var(--ink)"
                />
                {[shown, averaged].map(
                  (promised, i) =>
                    promised && (
                      <g key={i} opacity={i === 0 && averaged ? 0.4 : 1}>
                        <path
                          d={path(scales, states, promised.one)}
                          class={i === 0 ? 'line thin' : 'line'}
                          stroke="var(--series-2)"
                        />
                        <path
                          d={path(scales, states, promised.several)}
                          class={i === 0 ? 'line thin' : 'line'}
                          stroke="var(--series-1)"
                        />
                      </g>
                    ),
                )}
              </>
            )}
          </Plot>
          <Keys
            keys={[
              { name: 'one critic', colour: 2 },
              { name: most, colour: 1 },
              { name: 'the truth', colour: 0, dashed: true },
            ]}
          />
        </>
      )
    },
    Control: () => (
      <div class="row">
        <span>Critics of the other agent</span>
        <Choice
          name="Critics of the other agent"
          value={critics.value}
          options={[
            ['2', '2'],
            ['3', '3'],
            ['5', '5'],
          ]}
          onChange={next => {
            critics.value = next
          }}
        />
      </div>
    ),
    async play() {
      await begun.catch(() => {})
      await begin()
      await follow(
        Promise.all(pupils.map(pupil => pupil.train(STEPS))).then(() => {}),
        look,
      )
      const [alone, least] = [mean(averages.peek()!.one), mean(averages.peek()!.several)]
      return {
        right: alone > 0.15 ? 1 : alone < -0.15 ? 2 : 0,
        why: (
          <>
            From step {COUNTED_FROM} on, one critic promised {decimals(alone)} on average, and the least of{' '}
            {critics.peek()} promised {decimals(least)}. A policy that goes where its critic is too high turns
            errors of mean 0 into promises above 0. Where one of two critics errs upwards the other one need
            not, so their minimum promises less; with more of them it may become too careful.
          </>
        ),
      }
    },
    close() {
      for (const pupil of pupils) pupil.close()
    },
  }
}

const blended = (before: number[], next: number[], share: number) =>
  next.map((value, i) => before[i] + share * (value - before[i]))

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
