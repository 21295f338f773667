import { signal } from '@preact/signals'
import type { Chapter } from '../chapter.ts'
import { Equation, mi, mo, paren, row, slow, sub, sup, under } from '../parts/math.tsx'
import { follow } from '../parts/motion.ts'
import { decimals, Keys, Plot, path } from '../parts/plot.tsx'
import { createPupil, QUICK } from '../parts/pupil.ts'
import { Control } from '../parts/slider.tsx'
import code from '../worlds/nothing.js?raw'

const STEPS = 1500
const GAMMA = 0.8

export const softTarget: Chapter = {
  name: 'Soft target',
  title: 'What the critics learn: the soft target',
  words: (
    <>
      <p>
        The critics learn y: the reward, and the discounted value of where it led, taken from the slow copies
        of the critics. The value is soft: it counts the entropy of all actions to come, as though surprise
        were paid.
      </p>
      <p>
        This world pays nothing at all, for ever. The bar shows what the target is made of now; the line is Q.
        The discount γ is {GAMMA}.
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
        paren(
          under(mi('min'), mi('i')),
          sub(mi('Q'), row(slow('θ'), mi('i'))),
          paren(sup(mi('s'), mo('′')), mo(','), sup(mi('a'), mo('′'))),
          mo('−'),
          mi('α'),
          row(mo('log'), mi('π'), paren(sup(mi('a'), mo('′')), mo('|'), sup(mi('s'), mo('′')))),
        ),
      )}
    </Equation>
  ),
  question: 'Every reward is 0. What will the critics promise in the end?',
  answers: ['0, as there is nothing to earn', 'More than 0', 'Less than 0, because of the discount'],
  open,
}

interface Parts {
  value: number
  entropy: number
}

function open() {
  const alpha = signal(0.3)
  const parts = signal<Parts | undefined>(undefined)
  const limit = signal<number | undefined>(undefined)
  const pupil = createPupil({ id: 'Nothing-v0', options: {}, code }, { ...QUICK, gamma: GAMMA })
  const { run } = pupil

  /** Integrals over the action, by the network's own density. */
  async function look(): Promise<void> {
    const { actions, density, q } = await run.remote.actions([0], 0)
    const width = actions[1] - actions[0]
    const total = density!.reduce((sum, p) => sum + p * width, 0)
    const share = density!.map(p => (p * width) / total)
    parts.value = {
      value: share.reduce((sum, p, i) => sum + p * q[i], 0),
      entropy: -share.reduce((sum, p, i) => sum + (density![i] > 0 ? p * Math.log(density![i]) : 0), 0),
    }
  }
  const begin = async () => {
    limit.value = undefined
    await pupil.begin({ temperature: alpha.peek() })
    await look()
  }
  const begun = begin()
  begun.catch(() => {})

  return {
    Picture() {
      run.curves.changes.value
      const { step, q } = run.curves.learned
      const now = parts.value
      const top = Math.max(1, ...(q as number[]), limit.value ?? 0) * 1.2
      return (
        <>
          <Plot
            label={`Q over the steps, and the target's parts at temperature ${decimals(alpha.value)}`}
            x={[0, STEPS + 60]}
            y={[-0.25 * top, top]}
            xName="steps"
            yName="Q"
            aside={110}
          >
            {scales => (
              <>
                <path
                  d={`M${scales.x(0)} ${scales.y(0)}H${scales.x(STEPS)}`}
                  class="line thin"
                  stroke="var(--ink-soft)"
                />
                <path d={path(scales, step, q)} class="line" stroke="var(--series-1)" />
                {limit.value !== undefined && (
                  <path
                    d={`M${scales.x(0)} ${scales.y(limit.value)}H${scales.x(STEPS)}`}
                    class="line dashed"
                    stroke="var(--series-3)"
                  />
                )}
                {now && (
                  <Bar
                    left={scales.width - 84}
                    y={scales.y}
                    value={GAMMA * now.value}
                    bonus={GAMMA * alpha.value * now.entropy}
                  />
                )}
                <text class="axis" x={scales.width - 62} y={scales.height - 24} text-anchor="middle">
                  target y
                </text>
              </>
            )}
          </Plot>
          <Keys
            keys={[
              { name: 'Q', colour: 1 },
              { name: 'γ min Q, in the target', colour: 6 },
              { name: 'γ α ℋ, in the target', colour: 3 },
            ]}
          />
        </>
      )
    },
    Control: () => (
      <Control
        name="Temperature α"
        value={alpha}
        min={0.05}
        max={0.5}
        explanation="It begins anew with it when you press Play."
      />
    ),
    async play() {
      await begun.catch(() => {})
      await begin()
      await follow(pupil.train(STEPS), look)
      const { value, entropy } = parts.peek()!
      const sum = (GAMMA * alpha.peek() * entropy) / (1 - GAMMA)
      limit.value = sum
      return {
        right: value > 0.02 ? 1 : value < -0.02 ? 2 : 0,
        why: (
          <>
            Q came to {decimals(value)}, although nothing was ever earned. Every step to come pays α ℋ ={' '}
            {decimals(alpha.peek() * entropy)} for uncertainty, and the discounted sum of that, γ α ℋ / (1 −
            γ), is {decimals(sum)}, the dashed line. Soft values are therefore no returns: compare them with
            what was earned only after taking the entropy's part away.
          </>
        ),
      }
    },
    close: () => pupil.close(),
  }
}

/** The two parts that are not 0, one upon the other. */
function Bar({
  left,
  y,
  value,
  bonus,
}: {
  left: number
  y: (at: number) => number
  value: number
  bonus: number
}) {
  const piece = (from: number, to: number) => ({
    y: Math.min(y(from), y(to)),
    height: Math.abs(y(from) - y(to)),
  })
  return (
    <g>
      <rect x={left} width="44" {...piece(0, value)} fill="var(--series-6)" />
      <rect x={left} width="44" {...piece(value, value + bonus)} fill="var(--series-3)" />
      <text class="strong" x={left + 22} y={y(Math.max(0, value, value + bonus)) - 7} text-anchor="middle">
        {decimals(value + bonus)}
      </text>
    </g>
  )
}
