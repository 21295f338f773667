/**
 * `npm run docs:pictures`: trains an agent for some seconds, and writes the pictures of docs/how-it-works.md and what the
 * page says they show. A test compares both.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lineChartSvg } from '../src/chart/line-chart.ts'
import { type HowItWorks, measureHowItWorks } from './how-it-works-data.ts'
import { valueMapsSvg } from './value-maps.ts'

/** A picture, and its text for those who do not see it. */
interface Picture {
  svg: string
  alt: string
}

const PAGE = 'docs/how-it-works.md'
const whole = (value: number) => String(Math.round(value) || 0).replace('-', '\u2212')
const at = (step: number) => `after ${step.toLocaleString('en')} steps`

/** The pictures by their names. */
export function picturesOf({
  maps,
  guesses,
  opinions,
  learning,
  targetEntropy,
}: HowItWorks): Record<string, Picture> {
  const middle = guesses[Math.floor(guesses.length / 2)]
  const [first, last] = [guesses[0], guesses[guesses.length - 1]]
  const peak = learning.reduce((a, b) => (b.temperature > a.temperature ? b : a))
  const best = (points: { x: number; y: number }[]) => points.reduce((a, b) => (b.y > a.y ? b : a)).x
  return {
    'how-values.svg': {
      svg: valueMapsSvg(maps.map(({ step, values }) => ({ title: at(step), values }))),
      alt: `Value that the critics give to every state of the pendulum, ${maps.map(({ step }) => at(step)).join(', ')}: first much the same everywhere, at the end high in a narrow band through the upright state at rest`,
    },
    'how-guess.svg': {
      svg: lineChartSvg([
        {
          title: 'What the critics guess, and what was really earned',
          xLabel: 'environment steps',
          yLabel: 'discounted reward from here on',
          lines: [
            { label: 'guessed', points: guesses.map(({ step, guessed }) => ({ x: step, y: guessed })) },
            { label: 'earned', points: guesses.map(({ step, earned }) => ({ x: step, y: earned })) },
          ],
        },
      ]),
      alt: `At first the critics guess ${whole(first.guessed)} where ${whole(first.earned)} is earned; ${at(middle.step)} ${whole(middle.guessed)} and ${whole(middle.earned)}; at the end ${whole(last.guessed)} and ${whole(last.earned)}`,
    },
    'how-policy.svg': {
      svg: lineChartSvg([
        {
          title: 'The pendulum leans a little to the left: what each torque is worth',
          xLabel: 'torque',
          yLabel: 'critic, less the best',
          xStart: -2,
          lines: opinions.map(({ step, value }) => ({ label: at(step), points: value })),
        },
        {
          title: 'How likely the policy is to choose it',
          xLabel: 'torque',
          yLabel: 'density',
          xStart: -2,
          lines: opinions.map(({ step, density }) => ({ label: at(step), points: density })),
        },
      ]),
      alt: `Above, the critics' opinion of each torque; below, the bell curve of the policy: ${opinions.map(({ step, density }) => `${at(step)} highest at ${best(density).toFixed(1).replace('-', '\u2212')}`).join(', ')}`,
    },
    'how-temperature.svg': {
      svg: lineChartSvg([
        {
          title: 'Entropy, and what it is wanted to be',
          xLabel: 'updates',
          yLabel: 'entropy',
          lines: [
            { label: 'entropy', points: learning.map(({ update, entropy }) => ({ x: update, y: entropy })) },
            { label: 'target', points: learning.map(({ update }) => ({ x: update, y: targetEntropy })) },
          ],
        },
        {
          title: 'The temperature, which sees to that',
          xLabel: 'updates',
          yLabel: 'α',
          lines: [
            {
              label: 'temperature',
              points: learning.map(({ update, temperature }) => ({ x: update, y: temperature })),
            },
          ],
        },
      ]),
      alt: `The entropy falls from ${learning[0].entropy.toFixed(1)} to its target of ${whole(targetEntropy)}, while the temperature goes from ${peak.temperature.toFixed(2)} to ${learning[learning.length - 1].temperature.toFixed(2)}`,
    },
  }
}

/** The page with the texts that belong to the pictures. */
export const pageWith = (page: string, pictures: Record<string, Picture>): string =>
  Object.entries(pictures).reduce((text, [name, { alt }]) => {
    const image = new RegExp(`!\\[[^\\]]*\\]\\(images/${name}\\)`)
    if (!image.test(text)) throw new Error(`${PAGE} does not show images/${name}.`)
    return text.replace(image, `![${alt}](images/${name})`)
  }, page)

if (process.argv[1] === import.meta.filename) {
  const pictures = picturesOf(await measureHowItWorks())
  for (const [name, { svg }] of Object.entries(pictures)) writeFileSync(join('docs/images', name), svg)
  writeFileSync(PAGE, pageWith(readFileSync(PAGE, 'utf8'), pictures))
}
