import { signal } from '@preact/signals'
import type { Chapter } from '../chapter.ts'
import { Equation, expectation, logPolicy, mi, mo, paren, row, sub } from '../parts/math.tsx'
import { decimals, Keys, Plot, path } from '../parts/plot.tsx'
import { createPupil, QUICK } from '../parts/pupil.ts'
import { Control } from '../parts/slider.tsx'
import code from '../worlds/one-hill.js?raw'

const STEPS = 3000
const CHANGE = 1500
const FIRST = -2

export const temperature: Chapter = {
  name: 'Temperature',
  title: 'A temperature that finds itself',
  words: (
    <>
      <p>
        Which α is right depends on how large rewards are, and nobody knows that before. So one says how
        uncertain the policy should be, the target entropy ℋ̄, and α follows: up while the policy is more
        certain than that, down while it is less.
      </p>
      <p>
        The agent chooses a place on one broad hill. Half-way its target is raised from {decimals(FIRST, 0)}{' '}
        to what you choose.
      </p>
    </>
  ),
  equation: (
    <Equation>
      {row(
        mi('J'),
        paren(mi('α')),
        mo('='),
        expectation(
          row(mi('a'), mo('∼'), mi('π')),
          mo('−'),
          mi('α'),
          logPolicy,
          mo('−'),
          mi('α'),
          sub(mi('ℋ'), mi('target')),
        ),
      )}
    </Equation>
  ),
  question: 'The target entropy is raised half-way. What will the temperature do then?',
  answers: ['Rise', 'Fall', 'Stay as it is'],
  open,
}

function open() {
  const target = signal(0)
  const pupil = createPupil(
    { id: 'OneHill-v0', options: {}, code },
    { ...QUICK, gamma: 0, temperatureLearningRate: 1e-2 },
  )
  const { run } = pupil
  const begin = () => pupil.begin({ targetEntropy: FIRST })
  const begun = begin()
  begun.catch(() => {})
  const lastTemperature = () => run.curves.learned.temperature.at(-1) ?? 1

  return {
    Picture() {
      run.curves.changes.value
      const { step, entropy, temperature } = run.curves.learned
      const alpha = lastTemperature()
      const logs = temperature.map(value => (value ? Math.log10(value) : null))
      return (
        <>
          <Plot
            label={`Entropy beside its target, and the temperature, now ${decimals(alpha, 3)}`}
            x={[0, STEPS + 120]}
            y={[-3.2, 1]}
            xName="steps"
            yName="entropy, and log₁₀ α"
          >
            {scales => (
              <>
                <path
                  d={`M${scales.x(0)} ${scales.y(FIRST)}H${scales.x(CHANGE)}V${scales.y(target.value)}H${scales.x(STEPS)}`}
                  class="line dashed"
                  stroke="var(--ink)"
                />
                <path d={path(scales, step, entropy)} class="line" stroke="var(--series-3)" />
                <path d={path(scales, step, logs)} class="line" stroke="var(--series-2)" />
              </>
            )}
          </Plot>
          <Keys
            keys={[
              { name: 'entropy', colour: 3 },
              { name: 'its target', colour: 0, dashed: true },
              { name: `log₁₀ of the temperature, which is ${decimals(alpha, 3)}`, colour: 2 },
            ]}
          />
        </>
      )
    },
    Control: () => <Control name="Target entropy in the second half" value={target} min={-1.5} max={0.5} />,
    async play() {
      await begun.catch(() => {})
      await begin()
      await pupil.train(CHANGE)
      const before = lastTemperature()
      await run.change({ ...run.plan.peek()!.agent, targetEntropy: target.peek() })
      if (run.fault.peek()) throw new Error(run.fault.peek())
      await pupil.train(STEPS)
      const after = lastTemperature()
      const { entropy } = run.curves.learned
      return {
        right: after > 1.1 * before ? 0 : after < before / 1.1 ? 1 : 2,
        why: (
          <>
            With the target at {decimals(FIRST, 0)} the temperature was {decimals(before, 3)}; with the target
            at {decimals(target.peek())} it is {decimals(after, 3)}, and the entropy is{' '}
            {decimals(entropy.at(-1) ?? 0)}. A policy that is more certain than its target makes the gradient
            push α up, entropy is paid more, and the policy widens until both meet.
          </>
        ),
      }
    },
    close: () => pupil.close(),
  }
}
