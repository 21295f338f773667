/** What an update of each member of the family costs compared with one of SAC: on WebAssembly, 2x256, batch 256. */
import { createRandom } from '../src/random.ts'
import { drawChance } from '../src/sac/chance.ts'
import type { Learner } from '../src/sac/learner.ts'
import type { SacOptionsInput } from '../src/sac/options.ts'
import { atMost, pairedRates, type Row } from './measure.ts'
import { FULL, learnerOf } from './update-step.ts'

/** Members as they are compared, and the most percent of SAC's time that they should take. */
const MEMBERS: [name: string, options: SacOptionsInput, most?: number][] = [
  ['sac', {}],
  ['td3', { algorithm: 'td3' }, 75],
  ['ddpg', { algorithm: 'ddpg' }],
  ['tqc, 2 critics of 256', { algorithm: 'tqc', critics: 2, criticHiddenSizes: 'same' }, 125],
  ['crossq, critics of 256', { algorithm: 'crossq', criticHiddenSizes: 'same' }, 130],
  ['droq', { algorithm: 'droq' }],
  ['redq', { algorithm: 'redq' }],
]

/** Whole updates, what they draw at random included, in percent of the time of SAC's. */
export async function family(): Promise<Row[]> {
  const random = createRandom(0, 'bench')
  const learners = await Promise.all(
    MEMBERS.map(([, options]) => learnerOf(FULL, { kind: 'wasm', threads: 1 }, options)),
  )
  const update = (learner: Learner) => () => {
    drawChance(learner.program.inputs, learner.config, random)
    return learner.update()
  }
  const [sac, ...rates] = await pairedRates(learners.map(update), 9, 0.3)
  await Promise.all(learners.map(({ program }) => program.dispose()))
  return rates.map(({ median }, i) => {
    const [name, , most] = MEMBERS[i + 1]
    const value = (100 * sac.median) / median
    return {
      what: `an update of ${name}, compared with sac`,
      value,
      unit: '%',
      ...(most && atMost(most, value)),
    }
  })
}
