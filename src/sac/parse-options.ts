import * as z from 'zod/mini'
import { describe } from '../env/require.ts'
import { OptionError, parseOptions } from '../options.ts'
import { members } from './members/index.ts'
import {
  ALGORITHMS,
  type AlgorithmName,
  OPTION_GROUPS,
  type OptionGroup,
  type SacOptions,
  type SacOptionsInput,
  sacOptionsSchema,
} from './options.ts'
import { faultOfSchedule } from './schedule.ts'
import { isTuned } from './temperature.ts'

const algorithmSchema = z.strictObject({ algorithm: sacOptionsSchema.shape.algorithm })

/** Whether a member has an option. */
export function hasOption(algorithm: AlgorithmName, name: string): boolean {
  const group = groupOf(name)
  return group === undefined || members[algorithm].groups.includes(group)
}

const groupOf = (name: string): OptionGroup | undefined =>
  (Object.keys(OPTION_GROUPS) as OptionGroup[]).find(group =>
    (OPTION_GROUPS[group] as readonly string[]).includes(name),
  )

/**
 * Fills in the defaults of the member that `algorithm` names, and checks every value.
 * @throws OptionError naming each faulty option, its value and what is allowed, or which members have an option
 * @example
 * const { critics } = parseSacOptions({ algorithm: 'redq' }) // 10
 */
export function parseSacOptions(input: SacOptionsInput = {}): SacOptions {
  requirePlain(input)
  const { algorithm } = parseOptions(algorithmSchema, { algorithm: input.algorithm })
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
  const foreign = Object.keys(given).filter(name => !hasOption(algorithm, name))
  if (foreign.length > 0) throw new OptionError(foreign.map(name => notHad(algorithm, name)).join('\n'))
  const complete = parseOptions(sacOptionsSchema, { ...members[algorithm].defaults, ...given })
  const options = Object.fromEntries(
    Object.entries(complete).filter(([name]) => hasOption(algorithm, name)),
  ) as unknown as SacOptions
  const faults = inconsistencies(options)
  if (faults.length > 0) throw new OptionError(faults.join('\n'))
  return options
}

function requirePlain(input: unknown): void {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new OptionError(`Options are an object such as { seed: 1 }, not ${describe(input)}.`)
  }
  if ('options' in input && 'steps' in input) {
    throw new OptionError(
      'This is a preset, not options; its options, with your own: presetOptions(env, { seed: 1 }).',
    )
  }
}

function notHad(algorithm: AlgorithmName, name: string): string {
  const having = ALGORITHMS.filter(other => hasOption(other, name))
  return `Algorithm ${algorithm} has no option ${name}; ${having.join(', ')} ${having.length > 1 ? 'have' : 'has'} it.`
}

/** What is wrong with options that are each allowed, a sentence each. */
function inconsistencies(options: SacOptions): string[] {
  const { critics, targetCritics, atoms, droppedAtoms, batchRenorm, targetNetworks } = options
  const { entropySchedule = 'constant', entropyScheduleEnd, batchSize, bufferSize, envs } = options
  const faults: string[] = []
  if (typeof targetCritics === 'number' && targetCritics > critics) {
    faults.push(`Option targetCritics is ${targetCritics}; there are only ${critics} critics.`)
  }
  if (atoms !== undefined && droppedAtoms !== undefined && droppedAtoms >= atoms) {
    faults.push(`Option droppedAtoms is ${droppedAtoms}; it must be below atoms, ${atoms}.`)
  }
  if (batchSize > bufferSize) {
    faults.push(
      `Option batchSize is ${batchSize}; it must not be above bufferSize, the transitions that are kept, ${bufferSize}.`,
    )
  }
  if (envs > bufferSize) {
    faults.push(
      `Option envs is ${envs}; each needs a place in the replay buffer, but bufferSize is ${bufferSize}.`,
    )
  }
  if (batchRenorm && targetNetworks) {
    faults.push(
      "Option batchRenorm is true; it normalises s and s' together, which takes targetNetworks: false.",
    )
  }
  if (batchRenorm && options.stateDependentNoise) {
    faults.push(
      'Option stateDependentNoise is true; batchRenorm would change the features that the noise is made of from update to update, so take one of the two.',
    )
  }
  if (options.hindsight === 'future' && options.nStep > 1) {
    faults.push(
      `Option nStep is ${options.nStep}; with hindsight it must be 1, because the rewards of later steps are of the old goal; or take hindsight "none".`,
    )
  }
  if (options.hindsight === 'future' && options.prioritizedReplay !== 'none') {
    faults.push(
      `Option prioritizedReplay is "${options.prioritizedReplay}"; with hindsight it must be "none", because an error is of the goal that it was made with; or take hindsight "none".`,
    )
  }
  if (entropySchedule !== 'constant' && entropyScheduleEnd === undefined) {
    faults.push(`Option entropySchedule is "${entropySchedule}"; it takes an entropyScheduleEnd.`)
  }
  const { learningRateSchedule, learningRateScheduleEnd } = options
  const { priorityBetaSchedule, priorityBeta, priorityBetaScheduleEnd } = options
  const {
    explorationNoise = 0,
    explorationNoiseSchedule = 'constant',
    explorationNoiseScheduleEnd = 0,
  } = options
  const ends = {
    learningRateSchedule: faultOfSchedule(learningRateSchedule, 1, learningRateScheduleEnd),
    priorityBetaSchedule: faultOfSchedule(priorityBetaSchedule, priorityBeta, priorityBetaScheduleEnd),
    explorationNoiseSchedule: faultOfSchedule(
      explorationNoiseSchedule,
      explorationNoise,
      explorationNoiseScheduleEnd,
    ),
  }
  for (const [name, fault] of Object.entries(ends)) {
    if (fault) faults.push(`Option ${name}: ${fault}; set ${name}End.`)
  }
  if (entropyScheduleEnd !== undefined && entropyScheduleEnd < 0 && !isTuned(options)) {
    faults.push(`Option entropyScheduleEnd is ${entropyScheduleEnd}; a fixed temperature ends at 0 or above.`)
  }
  return faults
}
