import { ALGORITHMS } from '../../sac/options.ts'
import { presetFor } from '../../training/presets.ts'
import { GYMNASIUM } from '../environment-path.ts'
import type { RunSettings } from '../settings.ts'
import type { SpaceInput } from './space-file.ts'

/**
 * What is searched where nobody says what: around the settings that the preset gives, for the options that matter
 * most. Options that somebody has named are left out.
 * @param settings of a trial with none of them changed
 * @param named names of the options that somebody has set
 */
export function presetSpace(settings: RunSettings, named: readonly string[]): SpaceInput {
  const { options, environment } = settings
  const { criticLearningRate: rate, gamma, batchSize, learningStarts, tau, nStep } = options
  const space: SpaceInput = {
    learningRate: { low: round(rate / 5), high: round(rate * 5), log: true },
    gamma: withOwn([0.95, 0.98, 0.99, 0.995], gamma),
    ...(options.targetNetworks && {
      tau: { low: round(tau / 4), high: Math.min(1, round(tau * 4)), log: true },
    }),
    batchSize: [batchSize / 2, batchSize, batchSize * 2].filter(size => Number.isInteger(size)),
    ...(learningStarts > 0 && {
      learningStarts: { low: Math.ceil(learningStarts / 4), high: Math.ceil(learningStarts * 2), log: true },
    }),
    ...(options.hindsight === 'none' && { nStep: withOwn([1, 3], nStep) }),
    learningRateSchedule: ['constant', 'linear'],
    ...presetSpecial(environment, options),
  }
  const isNamed = (name: string) => named.includes(name) || (name === 'learningRate' && namesARate(named))
  return Object.fromEntries(Object.entries(space).filter(([name]) => !isNamed(name)))
}

/** What the preset of an environment sets for its own reasons is worth searching there. */
function presetSpecial(environment: string, { algorithm }: RunSettings['options']): SpaceInput {
  const { options } = presetFor(
    environment.replace(GYMNASIUM, ''),
    ALGORITHMS.find(name => name === algorithm),
  )
  const { randomActionRepeat, updatesPerStep, temperature } = options
  return {
    ...(randomActionRepeat !== undefined && {
      randomActionRepeat: { low: 1, high: 4 * randomActionRepeat, log: true },
    }),
    ...(updatesPerStep !== undefined && {
      updatesPerStep: [updatesPerStep / 2, updatesPerStep, updatesPerStep * 2],
    }),
    ...(typeof temperature === 'number' &&
      temperature > 0 && {
        temperature: { low: round(temperature / 10), high: round(temperature * 4), log: true },
      }),
  }
}

const namesARate = (named: readonly string[]) => named.some(name => /^(actor|critic)LearningRate$/.test(name))

const withOwn = (values: readonly number[], own: number) =>
  [...new Set([...values, own])].sort((a, b) => a - b)

const round = (value: number) => Number(value.toPrecision(3))
