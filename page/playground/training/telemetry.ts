import type { SAC, TrainingEvent, UpdateMetrics } from '../../../src/index.ts'
import type { Learned, Progress } from './reports.ts'

const AVERAGED = ['temperature', 'entropy', 'criticLoss', 'actorLoss', 'q1', 'actionSaturation'] as const
type Averaged = (typeof AVERAGED)[number]

/** What a critic was asked when an episode began. */
type Promised = () => number | undefined

/** Gathers the events of training into reports of what happened since the last. */
export function createTelemetry(agent: SAC, promised: Promised) {
  const { gamma } = agent.options
  let sums = empty()
  let ended: Progress['ended'] = []
  let evaluations: Progress['evaluations'] = []
  let [earned, discount] = [0, 1]
  let [lastStep, lastTime] = [agent.steps, performance.now()]

  function addMetrics(metrics: UpdateMetrics) {
    for (const name of AVERAGED) {
      const value = metrics[name]
      if (value === undefined) continue
      sums[name].total += value
      sums[name].count++
    }
  }

  function learned(): Learned | undefined {
    if (sums.criticLoss.count === 0) return undefined
    const mean = (name: Averaged) => (sums[name].count > 0 ? sums[name].total / sums[name].count : undefined)
    return {
      step: agent.steps,
      temperature: mean('temperature'),
      entropy: mean('entropy'),
      targetEntropy: agent.targetEntropy,
      q: mean('q1')!,
      criticLoss: mean('criticLoss')!,
      actorLoss: mean('actorLoss'),
      saturation: mean('actionSaturation'),
    }
  }

  return {
    observe(event: TrainingEvent): void {
      if (event.type === 'update') addMetrics(event.metrics)
      else if (event.type === 'step') {
        earned += discount * event.reward * agent.options.rewardScale
        discount *= gamma
      } else if (event.type === 'episode') {
        const { step, return: total, success } = event
        ended.push({ step, return: total, promised: promised(), earned, success })
        ;[earned, discount] = [0, 1]
      } else if (event.type === 'evaluation') {
        evaluations.push({ step: event.step, mean: event.mean, success: event.successRate })
      }
    },

    /** Milliseconds since the last report. */
    age: () => performance.now() - lastTime,

    /** @param waiting whether training waits for someone, so that its speed says nothing */
    take(waiting: boolean): Progress {
      const now = performance.now()
      const speed = (1000 * (agent.steps - lastStep)) / (now - lastTime)
      const progress: Progress = {
        step: agent.steps,
        updates: agent.updates,
        episodes: agent.episodes,
        ...(!waiting && { speed }),
        ended,
        evaluations,
        learned: learned(),
      }
      ;[lastStep, lastTime] = [agent.steps, now]
      sums = empty()
      ended = []
      evaluations = []
      return progress
    },
  }
}

export type Telemetry = ReturnType<typeof createTelemetry>

const empty = () =>
  Object.fromEntries(AVERAGED.map(name => [name, { total: 0, count: 0 }])) as Record<
    Averaged,
    { total: number; count: number }
  >
