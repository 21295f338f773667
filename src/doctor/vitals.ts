import { createRandom, type Random, type RandomState } from '../random.ts'
import type { Batch } from '../replay/transition.ts'
import type { SAC } from '../sac/agent.ts'
import type { TrainingEvent } from '../training/events.ts'

/** A period of training in the numbers that show whether it goes well. Survives JSON. */
export interface Vitals {
  /** Environment steps of the agent at the end of the period. */
  step: number
  /** Steps of the period after which updates were due. */
  learningSteps: number
  /** Updates made in the period. */
  updates: number
  /** Of single steps, in the environment's units. */
  lowestReward: number
  /** The same, the other way round. */
  highestReward: number
  /** Lengths of the episodes that terminated. */
  terminatedLengths: number[]
  /** Episodes that were cut off. */
  truncatedEpisodes: number
  /** Episodes of the agent that have ended by the end of the period; missing in records of older versions. */
  episodes?: number
  /** Root mean square of each element of the observations in the replay buffer, to three digits. */
  observationScales: number[]
  /** Largest minus smallest of each, to three digits; missing in records of older versions. */
  observationRanges?: number[]
  /** Mean over the period's updates, as are those below; missing if there were none. */
  temperature?: number
  /** Of the policy, in nats, in the normalised action space. */
  entropy?: number
  /** Of the first two critics. */
  q?: number
  /** Share of sampled actions at a bound. */
  actionSaturation?: number
}

/** Numbers of updates that are averaged. */
const AVERAGED = ['temperature', 'entropy', 'q', 'actionSaturation'] as const

/** Observations looked at to judge their scale. */
const SAMPLE = 1000

/** All that the next vitals depend on, as a value of plain data. */
export interface VitalsState {
  /** What was counted since the last vitals. */
  period: VitalsPeriod
  /** Where the random stream is that draws states to look at. */
  random: RandomState
}

/** What is counted between two vitals: those that are sums, and what means are made of. */
export interface VitalsPeriod
  extends Pick<
    Vitals,
    | 'step'
    | 'learningSteps'
    | 'updates'
    | 'lowestReward'
    | 'highestReward'
    | 'terminatedLengths'
    | 'truncatedEpisodes'
  > {
  /** Sum and number of the values of each quantity that is averaged. */
  averages: Record<(typeof AVERAGED)[number], { total: number; count: number }>
}

/** Sums up training events: `observe` each; `take` the vitals of the time since the last time, after a step at least. */
export function createVitals(agent: SAC) {
  const { learningStarts } = agent.options
  // Streams of its own, so that looking changes nothing.
  const random = createRandom(agent.options.seed, 'doctor')
  const aside = createRandom(agent.options.seed, 'doctor, in between')
  let period = emptyPeriod()

  return {
    observe(event: TrainingEvent): void {
      if (event.type === 'step') {
        period.step = event.step
        if (event.step > learningStarts) period.learningSteps++
        period.lowestReward = Math.min(period.lowestReward, event.reward)
        period.highestReward = Math.max(period.highestReward, event.reward)
      } else if (event.type === 'update') {
        period.updates++
        const { q1, q2, temperature, entropy, actionSaturation } = event.metrics
        const values = { q: (q1 + (q2 ?? q1)) / 2, temperature, entropy, actionSaturation }
        for (const name of AVERAGED) {
          const value = values[name]
          if (value === undefined) continue
          period.averages[name].total += value
          period.averages[name].count++
        }
      } else if (event.type === 'episode') {
        if (event.terminated) period.terminatedLengths.push(event.length)
        else period.truncatedEpisodes++
      }
    },

    take(): Vitals {
      const { averages, ...vitals } = period
      period = emptyPeriod()
      const means = Object.fromEntries(
        AVERAGED.filter(name => averages[name].count > 0).map(name => {
          const { total, count } = averages[name]
          return [name, total / count]
        }),
      )
      return { ...vitals, ...means, episodes: agent.episodes, ...observations(random) }
    },

    /** Those of now, with no updates among them, while the period lasts. */
    glance(): Vitals {
      const { averages: _, ...vitals } = period
      return { ...vitals, episodes: agent.episodes, ...observations(aside) }
    },

    state: (): VitalsState => ({ period: structuredClone(period), random: random.state() }),

    restore(state: VitalsState): void {
      period = structuredClone(state.period)
      random.restore(state.random)
    },
  }

  function observations(random: Random) {
    const [observationSize, actionSize] = [agent.observationSpace.size, agent.actionSpace.size]
    const rows = (width: number) => new Float32Array(SAMPLE * width)
    const batch: Batch = {
      observation: rows(observationSize),
      nextObservation: rows(observationSize),
      action: rows(actionSize),
      reward: rows(1),
      discount: rows(1),
    }
    agent.replay.sample(random, batch, SAMPLE)
    const elements = Array.from({ length: observationSize }, (_, i) => {
      let [squares, lowest, highest] = [0, Infinity, -Infinity]
      for (let at = i; at < batch.observation.length; at += observationSize) {
        const value = batch.observation[at]
        squares += value ** 2
        lowest = Math.min(lowest, value)
        highest = Math.max(highest, value)
      }
      return { scale: Math.sqrt(squares / SAMPLE), range: highest - lowest }
    })
    const rounded = (value: number) => Number(value.toPrecision(3))
    return {
      observationScales: elements.map(({ scale }) => rounded(scale)),
      observationRanges: elements.map(({ range }) => rounded(range)),
    }
  }
}

function emptyPeriod(): VitalsPeriod {
  return {
    step: 0,
    learningSteps: 0,
    updates: 0,
    lowestReward: Infinity,
    highestReward: -Infinity,
    terminatedLengths: [],
    truncatedEpisodes: 0,
    averages: {
      temperature: { total: 0, count: 0 },
      entropy: { total: 0, count: 0 },
      q: { total: 0, count: 0 },
      actionSaturation: { total: 0, count: 0 },
    },
  }
}
