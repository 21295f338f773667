import type { SAC } from '../sac/agent.ts'
import { sizesOf } from '../sac/sizes.ts'
import { automaticTargetEntropy } from '../sac/temperature.ts'
import type { Vitals } from './vitals.ts'

/** Something that goes wrong in training. */
export interface Diagnosis {
  /** Which of the things that may go wrong. */
  kind: keyof typeof checks
  /** What was seen, in a sentence. */
  problem: string
  /** What to do about it, in a sentence. */
  remedy: string
}

/** What the doctor knows of a patient, apart from its vitals. */
export interface Patient {
  gamma: number
  rewardScale: number
  updatesPerStep: number
  normalizeObservations: boolean
  /** Numbers in an action, or how many discrete ones there are. */
  actionSize: number
  /** Whether an action is one of finitely many; false by default. */
  discrete?: boolean
  /** Environments side by side. */
  envs: number
  /** Missing if the temperature is fixed. */
  targetEntropy?: number
  /** Whether the policy explores by added noise alone. */
  deterministic: boolean
}

/** An agent as a patient. */
export function patientOf(agent: SAC): Patient {
  const { options, network, targetEntropy } = agent
  const { actionSize, discrete } = sizesOf(agent)
  const { gamma, rewardScale, updatesPerStep, normalizeObservations, envs } = options
  return {
    gamma,
    rewardScale,
    updatesPerStep,
    normalizeObservations,
    envs,
    actionSize,
    discrete,
    deterministic: network.head === 'deterministic',
    ...(targetEntropy !== undefined && { targetEntropy }),
  }
}

/**
 * What is wrong with a training run.
 * @param history its vitals, oldest first, at least one
 */
export function diagnose(history: readonly Vitals[], patient: Patient): Diagnosis[] {
  return Object.entries(checks).flatMap(([kind, check]) => {
    const found = check(history.at(-1)!, patient, history)
    return found ? [{ kind: kind as Diagnosis['kind'], ...found }] : []
  })
}

/** Kinds that can be seen before anything is learned. */
const OF_OBSERVATIONS: readonly Diagnosis['kind'][] = [
  'unequalObservations',
  'largeObservations',
  'constantObservations',
]

/** What is wrong with the observations; the other vitals of a training run are ignored. */
export const diagnoseObservations = (vitals: Vitals, patient: Patient): Diagnosis[] =>
  diagnose([vitals], patient).filter(({ kind }) => OF_OBSERVATIONS.includes(kind))

type Check = (
  now: Vitals,
  patient: Patient,
  history: readonly Vitals[],
) => { problem: string; remedy: string } | undefined

/** Too few to conclude anything from. */
const FEW_STEPS = 1000
const FEW_EPISODES = 5
const FEW_OBSERVATIONS = 100

/** An element of this size drowns out those that are about 1. */
const LARGE = 1000
/** A number that never changes and is this large is more than a small offset. */
const LARGE_CONSTANT = 10
const NORMALIZE =
  'Set normalizeObservations, or give the environment units in which all elements are about 1.'

const checks = {
  saturatedActions({ actionSaturation = 0 }, { deterministic }) {
    if (actionSaturation < 0.9) return
    const last = deterministic
      ? 'and lower actorLearningRate or raise explorationNoise.'
      : 'and let the temperature tune itself.'
    return {
      problem: `${percent(actionSaturation)} of the policy's actions are at a bound of the action space, so it hardly explores and barely learns.`,
      remedy: `Check that the action bounds are those your actuators need, scale rewards down (rewardScale) or observations to about 1 (normalizeObservations), ${last}`,
    }
  },

  temperatureCollapsing({ temperature = 1 }, { targetEntropy }) {
    if (targetEntropy === undefined || temperature > 1e-4) return
    return {
      problem: `The temperature has fallen to ${number(temperature)}: entropy counts for nothing any more, as happens where rewards are tiny or nothing is rewarded yet.`,
      remedy:
        'Scale rewards up to about 1 a step (rewardScale), reward progress towards the goal, or keep the temperature fixed (temperature: 0.1).',
    }
  },

  temperatureExploding({ temperature = 0, entropy = 0 }, patient, history) {
    const { targetEntropy } = patient
    const { reward } = extremes(history, patient)
    if (targetEntropy === undefined || temperature < 10 * Math.max(1, reward)) return
    const most = largestEntropy(patient)
    const unreachable = targetEntropy >= most
    return {
      problem: `The temperature has risen to ${number(temperature)} and drowns out the rewards: the policy's entropy, ${number(entropy)}, stays below the target of ${number(targetEntropy)}.`,
      remedy: unreachable
        ? `No policy reaches that target, because ${actionsInWords(patient)} an entropy of at most ${number(most)}: set targetEntropy lower, by default it is ${number(automaticTargetEntropy(patient))}.`
        : `Set targetEntropy lower, or temperatureLearningRate; 'auto' is ${patient.discrete ? '0.98 times the logarithm of the number of actions' : 'minus the number of actions'}.`,
    }
  },

  impossibleQ({ q }, patient, history) {
    const { gamma } = patient
    if (q === undefined || gamma === 1) return
    const { lowest, highest, reward, entropy } = extremes(history, patient)
    const horizon = 1 / (1 - gamma)
    // What entropy is worth, and half of what rewards could be worth, because critics may err.
    const margin = (entropy + reward / 2) * horizon
    const [least, most] = [Math.min(lowest, 0) * horizon - margin, Math.max(highest, 0) * horizon + margin]
    if (q >= least && q <= most) return
    return {
      problem: `The critics' mean value, ${number(q)}, is far from any return that is possible with the rewards seen: these lie between ${number(lowest * horizon)} and ${number(highest * horizon)}. They are diverging.`,
      remedy:
        'Lower criticLearningRate, gamma or tau, set a maxGradientNorm (say 10), and see that rewards and observations are of the order of 1 (rewardScale, normalizeObservations).',
    }
  },

  constantRewards({ step }, _patient, history) {
    const lowest = Math.min(...history.map(vitals => vitals.lowestReward))
    const highest = Math.max(...history.map(vitals => vitals.highestReward))
    // Where episodes end early, surviving may well be all that is rewarded.
    const fails = history.some(vitals => vitals.terminatedLengths.length > 0)
    if (step < FEW_STEPS || lowest !== highest || fails) return
    return {
      problem: `Every reward so far was ${lowest}: there is nothing to learn from.`,
      remedy:
        'Let the reward change with what the agent does, step by step; if the goal was never reached, reward coming closer, or explore more (a longer learningStarts, randomActionRepeat).',
    }
  },

  unequalObservations(vitals, { normalizeObservations }) {
    const { largest, median } = observationSizes(vitals)
    if (normalizeObservations || !largest || median.scale >= LARGE) return
    if (largest.scale < LARGE * Math.min(median.scale, 1)) return
    return {
      problem: `Element ${largest.element} of the observations is of the order of ${number(largest.scale)}, others such as element ${median.element} of ${number(median.scale)}: networks learn badly from such unequal inputs.`,
      remedy: NORMALIZE,
    }
  },

  largeObservations(vitals, { normalizeObservations }) {
    const { largest, median } = observationSizes(vitals)
    if (normalizeObservations || !largest || median.scale < LARGE) return
    return {
      problem: `Observations are large, element ${largest.element} of the order of ${number(largest.scale)}: networks learn badly from numbers far from 1, and diverge where they are very large.`,
      remedy: NORMALIZE,
    }
  },

  constantObservations(vitals, { normalizeObservations }) {
    const { step, observationScales, observationRanges = [], terminatedLengths } = vitals
    if (step < FEW_OBSERVATIONS) return
    // Episodes of a single step need not observe anything.
    const single = terminatedLengths.length > 0 && terminatedLengths.every(length => length === 1)
    if (!single && observationRanges.length > 0 && observationRanges.every(range => range === 0)) {
      return {
        problem:
          'No element of the observations ever changes: the agent sees nothing of what its actions do.',
        remedy: 'Let the observation show what the task depends on.',
      }
    }
    const element = observationRanges.findIndex(
      (range, i) => range === 0 && observationScales[i] > LARGE_CONSTANT,
    )
    if (normalizeObservations || element === -1) return
    return {
      problem: `Element ${element} of the observations never changes and is of the order of ${number(observationScales[element])}: it gives no information, and drowns out others.`,
      remedy: 'Leave it out of the observation, or set normalizeObservations.',
    }
  },

  episodesWithoutEnd({ step, episodes }, { envs }) {
    if (episodes !== 0 || step < FEW_STEPS * envs) return
    return {
      problem: `No episode has ended in ${step} steps: the agent sees few starts, and no return is known.`,
      remedy:
        'If the task has no end of its own, cut its episodes off, with --time-limit 1000 or timeLimit(env, 1000); evaluations cut them off by themselves.',
    }
  },

  terminationsLikeTimeLimits({ step }, _patient, history) {
    const lengths = history.flatMap(vitals => vitals.terminatedLengths)
    const cutOff = history.some(vitals => vitals.truncatedEpisodes > 0)
    if (step < FEW_STEPS || cutOff || lengths.length < FEW_EPISODES || lengths[0] === 1) return
    if (lengths.some(length => length !== lengths[0])) return
    return {
      problem: `All ${lengths.length} episodes terminated after exactly ${lengths[0]} steps: that looks like a time limit, and the agent takes it for the end of all rewards.`,
      remedy:
        'Return truncated: true and terminated: false where time runs out (timeLimit(env, n) does), and terminated: true only where the task itself ends.',
    }
  },

  updateRatio({ learningSteps, updates }, { updatesPerStep }) {
    const due = learningSteps * updatesPerStep
    if (learningSteps < FEW_STEPS || Math.abs(updates - due) <= 0.2 * due + 1) return
    return {
      problem: `${updates} updates were made in ${learningSteps} steps, not the ${Math.round(due)} that updatesPerStep: ${updatesPerStep} asks for.`,
      remedy: 'Call update() as many times as observe() returns, after every step of every environment.',
    }
  },
} satisfies Record<string, Check>

/** The largest and the median of the elements that change and are not always 0; undefined if there are none. */
function observationSizes({ observationScales, observationRanges = [] }: Vitals) {
  const sorted = observationScales
    .map((scale, element) => ({ scale, element }))
    .filter(({ scale, element }) => scale > 0 && observationRanges[element] !== 0)
    .sort((a, b) => a.scale - b.scale)
  return { largest: sorted.at(-1), median: sorted[(sorted.length - 1) >> 1] }
}

/** The entropy of choosing at random, within [-1, 1] in each number of an action. */
const largestEntropy = ({ actionSize, discrete }: Patient): number =>
  discrete ? Math.log(actionSize) : actionSize * Math.LN2

function actionsInWords({ actionSize, discrete }: Patient): string {
  if (discrete) return `a choice among ${actionSize} actions has`
  return actionSize === 1 ? '1 action has' : `${actionSize} actions have`
}

/** Rewards as the critics see them, a step's largest in magnitude, and what its entropy was worth at most. */
function extremes(history: readonly Vitals[], patient: Patient) {
  const { rewardScale, actionSize, discrete } = patient
  const usual = discrete ? largestEntropy(patient) : actionSize
  const lowest = rewardScale * Math.min(...history.map(vitals => vitals.lowestReward))
  const highest = rewardScale * Math.max(...history.map(vitals => vitals.highestReward))
  const entropies = history.map(
    ({ temperature = 0, entropy = 0 }) => temperature * Math.max(Math.abs(entropy), usual),
  )
  const reward = Math.max(Math.abs(lowest), Math.abs(highest))
  return { lowest, highest, reward, entropy: Math.max(...entropies) }
}

function number(value: number): string {
  const rounded = Number(value.toPrecision(3))
  return Math.abs(rounded) < 1e7 ? String(rounded) : rounded.toExponential()
}
const percent = (share: number) => `${Math.round(100 * share)} %`
