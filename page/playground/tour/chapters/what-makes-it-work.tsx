import { signal } from '@preact/signals'
import type { SacOptionsInput } from '../../../../src/index.ts'
import { Select } from '../../../parts/fields.tsx'
import { Picture as Moving } from '../../world/picture.tsx'
import type { Chapter } from '../chapter.ts'
import { Equation, mi, mn, mo, paren, row, slow } from '../parts/math.tsx'
import { isStill } from '../parts/motion.ts'
import { decimals, Keys, Plot, path } from '../parts/plot.tsx'
import { createPupil } from '../parts/pupil.ts'

const STEPS = 5000
/** Evaluations at the end that are averaged. */
const LAST = 2

type Part = 'target' | 'entropy' | 'critic' | 'memory'

interface Removal {
  label: string
  changes: SacOptionsInput
  why: string
}

const REMOVALS: Record<Part, Removal> = {
  target: {
    label: 'the slow copies of the critics',
    changes: { targetNetworks: false },
    why: 'Without them a critic runs after targets that it moves itself with every update.',
  },
  entropy: {
    label: 'entropy (temperature 0)',
    changes: { temperature: 0 },
    why: 'The pendulum shows its states to whoever fails to balance it, so that here little depends on being paid for trying; what is lost is steadiness.',
  },
  critic: {
    label: 'the second critic',
    changes: { critics: 1 },
    why: 'One action and three observations leave little room for errors that a policy could make use of. With many joints it is another matter.',
  },
  memory: {
    label: 'most of the memory (500 steps are kept)',
    changes: { bufferSize: 500 },
    why: 'Who remembers two and a half episodes forgets what falling is like as soon as it stands, and has to learn it again.',
  },
}

export const whatMakesItWork: Chapter = {
  name: 'What makes it work',
  title: 'Take one part away',
  words: (
    <>
      <p>
        Now the whole agent learns to swing a pendulum up, and beside it one that lacks a part: same seed,
        same world. Every 500 steps both are evaluated over five episodes. Around −150 is as good as it gets.
      </p>
      <p>The slow copies Q̄ follow their critics by the small share τ at each update.</p>
    </>
  ),
  equation: (
    <Equation>
      {row(
        slow('θ'),
        mo('←'),
        mi('τ'),
        mi('θ'),
        mo('+'),
        paren(mn(1), mo('−'), mi('τ')),
        slow('θ'),
        mo(','),
        mi('τ'),
        mo('='),
        mn('0.005'),
      )}
    </Equation>
  ),
  question: 'What will the missing part cost?',
  answers: ['Hardly anything', 'It learns, but later or less well', 'It hardly learns at all'],
  open,
}

function open() {
  const part = signal<Part>('target')
  const pupils = [0, 1].map(() => createPupil({ id: 'Pendulum-v1', options: {} }, {}))
  const [whole, lacking] = pupils
  const begin = async () => {
    await Promise.all([whole.begin(), lacking.begin(REMOVALS[part.peek()].changes)])
    if (isStill()) for (const { run } of pupils) await run.remote.rest()
  }
  const begun = begin()
  begun.catch(() => {})
  const lastOf = ({ run }: (typeof pupils)[number]) => {
    const { step, mean } = run.curves.evaluations
    const counted = mean
      .filter((value, i): value is number => value !== null && step[i] <= STEPS)
      .slice(-LAST)
    return counted.reduce((sum, value) => sum + value, 0) / counted.length
  }

  return {
    Picture() {
      for (const { run } of pupils) run.curves.changes.value
      const [first, second] = pupils.map(({ run }) => run.curves.evaluations)
      const name = `without ${REMOVALS[part.value].label}`
      return (
        <>
          <div class="tour-worlds">
            {pupils.map(({ run }, i) => (
              <Moving
                key={i}
                run={{ picture: run.picture }}
                label={i === 0 ? 'The whole agent’s pendulum' : `The pendulum of the agent ${name}`}
              />
            ))}
          </div>
          <Plot
            label={`Returns of the whole agent and of one ${name}`}
            x={[0, STEPS]}
            y={[-1900, 0]}
            xName="steps"
            yName="return"
            height={260}
          >
            {scales => (
              <>
                <path d={path(scales, first.step, first.mean)} class="line" stroke="var(--series-1)" />
                <path d={path(scales, second.step, second.mean)} class="line" stroke="var(--series-2)" />
              </>
            )}
          </Plot>
          <Keys
            keys={[
              { name: 'the whole agent (left)', colour: 1 },
              { name: `${name} (right)`, colour: 2 },
            ]}
          />
        </>
      )
    },
    Control: () => (
      <Select
        name="Take away"
        value={part.value}
        options={Object.entries(REMOVALS).map(([name, { label }]) => [name, label] as const)}
        onChange={next => {
          part.value = next as Part
        }}
      />
    ),
    async play() {
      await begun.catch(() => {})
      await begin()
      await Promise.all(pupils.map(pupil => pupil.train(STEPS + 1, 'fast')))
      const [all, less] = pupils.map(lastOf)
      const cost = all - less
      return {
        right: cost < 60 ? 0 : less > -700 ? 1 : 2,
        why: (
          <>
            Over the last two evaluations the whole agent returned {decimals(all, 0)} and the one without{' '}
            {REMOVALS[part.peek()].label} {decimals(less, 0)}. {REMOVALS[part.peek()].why} One seed and one
            world prove little: take the other parts away as well.
          </>
        ),
      }
    },
    close() {
      for (const pupil of pupils) pupil.close()
    },
  }
}
