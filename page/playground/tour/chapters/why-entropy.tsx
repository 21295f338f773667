import { signal } from '@preact/signals'
import { createRandom } from '../../../../src/index.ts'
import type { Chapter } from '../chapter.ts'
import { compileSquashedGaussian } from '../parts/gaussian.ts'
import { Equation, expectation, mi, mo, paren, row, sub, sup, under } from '../parts/math.tsx'
import { follow } from '../parts/motion.ts'
import { area, decimals, Keys, Plot, path } from '../parts/plot.tsx'
import { createPupil, QUICK } from '../parts/pupil.ts'
import { Control } from '../parts/slider.tsx'
import { height } from '../worlds/two-hills.js'
import code from '../worlds/two-hills.js?raw'

const STEPS = 1500
const TRIES = 24
/** Tries as close together as that are of a policy that has made up its mind. */
const SETTLED = 0.15
const ground = Array.from({ length: 301 }, (_, i) => -1 + i / 150)
const heights = ground.map(height)

export const whyEntropy: Chapter = {
  name: 'Why entropy',
  title: 'Why an agent should stay uncertain',
  words: (
    <>
      <p>
        An agent that only wants reward stops looking as soon as it has found some. Soft Actor-Critic is paid
        for two things: for reward, and for keeping its choices open. How much the second counts is the
        temperature α.
      </p>
      <p>
        Here the agent chooses one place between −1 and 1 and earns the height of the ground. The balls are
        places that its policy would try now.
      </p>
    </>
  ),
  equation: (
    <Equation>
      {row(
        mi('J'),
        paren(mi('π')),
        mo('='),
        under(mo('∑'), mi('t')),
        expectation(
          mi('π'),
          sub(mi('r'), mi('t')),
          mo('+'),
          mi('α'),
          mi('ℋ'),
          paren(mi('π'), paren(mo('·'), mo('|'), sub(mi('s'), mi('t')))),
        ),
      )}
      {row(
        sup(mi('π'), mo('*')),
        paren(mi('a'), mo('|'), mi('s')),
        mo('∝'),
        mi('exp'),
        paren(mi('Q'), paren(mi('s'), mo(','), mi('a')), mo('/'), mi('α')),
      )}
    </Equation>
  ),
  question: 'Two agents start alike. One is paid for reward alone: its temperature is 0. Where will it end?',
  answers: [
    'On the higher hill, on the right',
    'On the lower hill, where it starts',
    'Somewhere between both',
  ],
  open,
}

function open() {
  const alpha = signal(0.1)
  const tries = signal<{ cold: Float32Array; warm: Float32Array } | undefined>(undefined)
  const pupils = ['cold', 'warm'].map(() =>
    createPupil({ id: 'TwoHills-v0', options: {}, code }, { ...QUICK, gamma: 0 }),
  )
  const [cold, warm] = pupils
  const random = createRandom(1, 'tries')
  const noise = Float32Array.from({ length: TRIES }, () => random.normal())
  const gaussian = compileSquashedGaussian(TRIES)

  async function look(): Promise<void> {
    const sample = await gaussian
    const [first, second] = await Promise.all(pupils.map(({ run }) => run.remote.actions([0], 0)))
    const placesOf = ({ mu, sigma }: { mu: number; sigma: number }) => sample(mu, sigma, noise).action
    tries.value = { cold: placesOf(first.gaussian!), warm: placesOf(second.gaussian!) }
  }

  const begin = async () => {
    await Promise.all([cold.begin({ temperature: 0 }), warm.begin({ temperature: alpha.peek() })])
    await look()
  }
  const begun = begin()
  begun.catch(() => {})

  return {
    Picture() {
      const wanted = ground.map(a => Math.exp((height(a) - Math.max(...heights)) / alpha.value))
      const name = `temperature ${decimals(alpha.value)}`
      return (
        <>
          <Plot
            label="A low hill in the middle, a high and narrow one at the right, and where both agents try"
            x={[-1, 1]}
            y={[0, 1.25]}
            xName="place that is chosen"
            yName="reward"
          >
            {scales => (
              <>
                <path d={area(scales, ground, wanted)} fill="var(--series-1)" opacity="0.16" />
                <path d={path(scales, ground, wanted)} class="line dashed" stroke="var(--series-1)" />
                <path d={path(scales, ground, heights)} class="line" stroke="var(--ink)" />
                {tries.value &&
                  (['warm', 'cold'] as const).map(which =>
                    Array.from(tries.value![which], (a, i) => (
                      <circle
                        key={`${which}${i}`}
                        class={`ball ${which}`}
                        cx={scales.x(a)}
                        cy={scales.y(height(a)) - (which === 'cold' ? 5 : 16)}
                        r="5"
                        fill={`var(--series-${which === 'cold' ? 2 : 1})`}
                      />
                    )),
                  )}
              </>
            )}
          </Plot>
          <Keys
            keys={[
              { name: 'reward', colour: 0 },
              { name: 'temperature 0', colour: 2 },
              { name, colour: 1 },
              { name: `exp(Q/α), what ${name} aims at`, colour: 1, dashed: true },
            ]}
          />
        </>
      )
    },
    Control: () => (
      <Control
        name="Temperature α of the other agent"
        value={alpha}
        min={0.05}
        max={0.5}
        explanation="It begins anew with it when you press Play."
      />
    ),
    async play() {
      await begun.catch(() => {})
      await begin()
      await follow(
        Promise.all(pupils.map(pupil => pupil.train(STEPS))).then(() => {}),
        look,
      )
      const { cold: alone, warm: paid } = tries.peek()!
      const at = mean(alone)
      const far = paid.filter(a => a > 0.55).length
      return {
        right: at > 0.55 ? 0 : Math.abs(at + 0.15) < 0.2 ? 1 : 2,
        why: (
          <>
            After {STEPS} tries the agent without entropy stands at {decimals(at)} and tries nothing else: it
            climbed from where it stood, its spread vanished, and the higher hill was never seen again. Of the
            tries of the one with temperature {decimals(alpha.peek())}, {far} of {TRIES} are on the higher
            hill: {reasonOf(far, spread(paid))}
          </>
        ),
      }
    },
    close() {
      for (const pupil of pupils) pupil.close()
    },
  }
}

function reasonOf(far: number, spread: number): string {
  if (far > TRIES / 2) return 'it kept trying until the better place had shown itself.'
  if (spread > SETTLED) {
    return 'it is paid so much for being uncertain that it does not settle there. Try less.'
  }
  return 'it settled before it had found more. Try a higher temperature.'
}

/** The mean distance from their middle. */
const spread = (values: Float32Array) => mean(values.map(value => Math.abs(value - mean(values))))

const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length
