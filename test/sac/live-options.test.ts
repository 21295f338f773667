/** Options that change while an agent learns. */
import { describe, expect, test } from 'vitest'
import {
  loadAgent,
  SAC,
  type SacOptionsInput,
  saveAgent,
  type TrainingEvent,
  type TrainingState,
  train,
  trainingStateIn,
} from '../../src/index.ts'
import { point } from '../training/environments.ts'

const small: SacOptionsInput = { hiddenSizes: [8], batchSize: 8, learningStarts: 10, bufferSize: 100 }
const create = (options: SacOptionsInput = {}) => SAC.create(point(), { ...small, ...options })

/** Trains, and changes what is to change after some steps. */
async function learn(agent: SAC, steps: number, changes: Record<number, object> = {}, state?: TrainingState) {
  const events: TrainingEvent[] = []
  for await (const event of train(agent, point(), { steps, state })) {
    events.push(event)
    if (event.type === 'step' && changes[event.step]) agent.change(changes[event.step])
  }
  const done = events.at(-1) as { state: TrainingState }
  return { events, state: done.state }
}

describe('a change while an agent learns', () => {
  test('is as if the agent had been made with the other value, from there on', async () => {
    const [changed, made] = [
      await create(),
      await create({ actorLearningRate: 1e-2, criticLearningRate: 2e-2 }),
    ]
    changed.change({ actorLearningRate: 1e-2, criticLearningRate: 2e-2 })
    await Promise.all([learn(changed, 30), learn(made, 30)])
    expect(changed.parameters()).toEqual(made.parameters())
    const other = await create()
    await learn(other, 30)
    expect(other.parameters()).not.toEqual(made.parameters())
  })

  test('a temperature is held, and tunes itself again', async () => {
    const agent = await create()
    const { events } = await learn(agent, 40, { 20: { temperature: 0.125 }, 30: { temperature: 'auto' } })
    const temperatures = events.flatMap(event =>
      event.type === 'update' ? [[event.step, event.metrics.temperature!]] : [],
    )
    const held = temperatures.filter(([step]) => step >= 20 && step < 30).map(([, value]) => value)
    expect(held.length).toBeGreaterThan(8)
    for (const value of held) expect(value).toBeCloseTo(0.125, 6)
    const after = temperatures.filter(([step]) => step > 31).map(([, value]) => value)
    for (const value of after) expect(Math.abs(value - 0.125)).toBeGreaterThan(1e-6)
  })

  test('of 0 as well, and back', async () => {
    const agent = await create()
    await learn(agent, 40, { 20: { temperature: 0 }, 30: { temperature: 'auto' } })
    const { logAlpha } = agent.state().learner
    expect(logAlpha[0]).toBeGreaterThan(-21)
  })

  test('is an event of the loop, with all that differs', async () => {
    const agent = await create()
    const { events } = await learn(agent, 30, { 12: { temperature: 0.5 }, 20: { actorLearningRate: 1e-5 } })
    expect(events.filter(event => event.type === 'change')).toEqual([
      { type: 'change', step: 12, changes: { temperature: 0.5 } },
      { type: 'change', step: 20, changes: { temperature: 0.5, actorLearningRate: 1e-5 } },
    ])
    expect(agent.changes).toEqual({ temperature: 0.5, actorLearningRate: 1e-5 })
    expect(agent.options.temperature).toBe('auto')
    expect(agent.targetEntropy).toBeUndefined()
  })

  test('is resumed exactly, from the state and from a file', async () => {
    const changes = {
      15: { temperature: 0.2, criticLearningRate: 3e-3 },
      35: { targetEntropy: -3, temperature: 'auto' },
    }
    const whole = await create()
    await learn(whole, 60, changes)
    const first = await create()
    const { state } = await learn(first, 25, changes)
    const bytes = saveAgent(first, { training: state })
    const second = await loadAgent(bytes)
    expect(second.changes).toEqual(changes[15])
    await learn(second, 35, changes, trainingStateIn(bytes))
    expect(second.state()).toEqual(whole.state())
  })

  test.each<[object, SacOptionsInput, RegExp]>([
    [{ gamma: 0.9 }, {}, /no option gamma.*change takes actorLearningRate/],
    [{ actorLearningRate: -1 }, {}, /actorLearningRate is -1; it must be a number above 0/],
    [{ temperature: 'auto' }, { temperature: 0.1 }, /made with a fixed one/],
    [{ temperature: 'auto_0.3' }, {}, /a number or 'auto'/],
    [{ temperature: 0.3 }, { algorithm: 'td3' }, /td3 has no option temperature/],
    [
      { temperature: 0.3 },
      { entropySchedule: 'linear', entropyScheduleEnd: -2, scheduleSteps: 9 },
      /follow entropySchedule/,
    ],
    [3 as never, {}, /change takes its options as an object, not 3/],
  ])('%o of %o is refused, and nothing is changed', async (change, options, message) => {
    const agent = await create(options)
    expect(() => agent.change(change)).toThrow(message)
    expect(agent.changes).toEqual({})
  })
})
