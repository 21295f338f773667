import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAverages } from '../../src/run/averages.ts'
import { METRIC_TAGS, type MetricsLine, numbersOf } from '../../src/run/metrics.ts'
import { readMetrics, truncateMetrics } from '../../src/run/metrics-file.ts'
import { type LoggedAgent, openRunLog } from '../../src/run/run-log.ts'
import { logInterval } from '../../src/run/settings.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sac-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const step = (number: number, environment = 0) =>
  ({ type: 'step', step: number, environment, reward: 0, terminated: false, truncated: false }) as const
const update = (number: number, criticLoss: number, entropy?: number) => {
  const rest = { q1: 0, q2: 0, target: 0, criticsGradientNorm: 0, temperature: 1, learningRate: 3e-4 }
  const metrics = { criticLoss, ...rest, ...(entropy !== undefined && { entropy }) }
  return { type: 'update', step: number, update: number, metrics } as const
}
const episode = (number: number, atStep: number, total: number) => {
  const ended = { length: 2, environment: 0, terminated: true, truncated: false }
  return { type: 'episode', step: atStep, episode: number, return: total, ...ended } as const
}
const evaluation = { type: 'evaluation' as const, mean: 1, standardDeviation: 0, returns: [1], lengths: [9] }
const state = { lanes: [], evaluationDue: false }

const agentAt = (steps: number, changes: Partial<LoggedAgent> = {}): LoggedAgent => ({
  steps,
  episodes: 0,
  updates: 0,
  timings: { environment: 0, act: 0, sample: 0, update: 0 },
  targetEntropy: -3,
  ...changes,
})

const linesOf = (directory: string): MetricsLine[] =>
  readFileSync(join(directory, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))

/** `type` and `step` of each line, in short. */
const outline = (directory: string) =>
  linesOf(directory)
    .map(({ type, step }) => `${type} ${step}`)
    .join(', ')

describe('the log of a run', () => {
  test('has success rates where the environment says so', () => {
    const log = openRunLog(folder, agentAt(0), 3)
    const ended = { ...episode(1, 2, -3), success: true }
    for (const event of [step(1), ended, episode(2, 2, -5), { ...ended, success: false }, step(2), step(3)])
      log.observe(event)
    log.observe(step(4))
    log.observe({ ...evaluation, step: 4, successRate: 0.75 })
    const [, train, evaluated] = linesOf(folder)
    expect(train).toMatchObject({ type: 'train', successRate: 0.5 })
    expect(numbersOf(evaluated)).toMatchObject({ evaluationSuccessRate: 0.75 })
    expect(METRIC_TAGS).toMatchObject({
      successRate: 'rollout/success_rate',
      evaluationSuccessRate: 'eval/success_rate',
    })
    expect(numbersOf({ ...evaluation, step: 5, time: '' })).not.toHaveProperty('evaluationSuccessRate')
  })

  test('has a line every so many steps, with means of what happened since the one before', () => {
    const agent = agentAt(0)
    const log = openRunLog(folder, agent, 3)
    for (const event of [step(1), update(1, 2, 5), step(2), update(2, 4), episode(1, 2, -3)])
      log.observe(event)
    Object.assign(agent.timings, { environment: 250, act: 500, sample: 750, update: 1000 })
    for (const event of [step(3), episode(2, 3, -5), step(4), step(5)]) log.observe(event)
    log.observe({ ...evaluation, step: 5 })
    log.end('error', 'the reason')

    expect(outline(folder)).toBe('start 0, train 3, evaluation 5, train 5, end 5')
    const [start, first, evaluated, second, end] = linesOf(folder)
    expect(start).toMatchObject({ pid: process.pid })
    expect(first).toMatchObject({ episodes: 2, updates: 2, updatesPerStep: 0.666667, return: -4, length: 2 })
    // The entropy was reported by one of the two updates only.
    expect(first).toMatchObject({ criticLoss: 3, entropy: 5, targetEntropy: -3, temperature: 1 })
    const spent = { environmentSeconds: 0.25, actSeconds: 0.5, sampleSeconds: 0.75, updateSeconds: 1 }
    expect(first).toMatchObject(spent)
    expect((first as never as { stepsPerSecond: number }).stepsPerSecond).toBeGreaterThan(0)
    expect(evaluated).toMatchObject({ ...evaluation, step: 5 })
    expect(second).toMatchObject({ episodes: 2, updates: 2, updatesPerStep: 0, actSeconds: 0 })
    for (const name of ['criticLoss', 'return', 'targetEntropy']) expect(second).not.toHaveProperty(name)
    expect(end).toMatchObject({ reason: 'error', message: 'the reason' })
    for (const { time } of linesOf(folder)) expect(new Date(time).toISOString()).toBe(time)
  })

  test('counts whole rounds where environments run side by side', () => {
    const log = openRunLog(folder, agentAt(0), 5)
    for (const first of [1, 4, 7, 10]) {
      for (const environment of [0, 1, 2]) log.observe(step(first + environment, environment))
      log.observe(update(first, 1))
      log.observe(episode(1, first, 0))
    }
    log.end('steps')
    expect(outline(folder)).toBe('start 0, train 6, train 12, end 12')
    expect(linesOf(folder)[1]).toMatchObject({ updates: 4, updatesPerStep: 0.333333 })
  })

  test('goes on where the agent does, and takes back what was told of later steps', () => {
    const first = openRunLog(folder, agentAt(0), 2)
    for (const number of [1, 2, 3]) first.observe(step(number))
    const from = structuredClone(first.state())
    for (const number of [4, 5, 6]) first.observe(step(number))
    first.observe({ ...evaluation, step: 6 })
    // A crash in the middle of a line.
    appendFileSync(join(folder, 'metrics.jsonl'), '{"type":"train","st')

    const second = openRunLog(folder, agentAt(3, { episodes: 4, updates: 7 }), 2, { ...from, examined: 0 })
    for (const number of [4, 5]) second.observe(step(number))
    second.observe({ type: 'done', step: 5, reason: 'steps', state })
    second.end('steps')
    expect(outline(folder)).toBe('start 0, train 2, start 3, train 4, train 5, end 5')
    // The line that was begun before the stop is ended after it.
    expect(linesOf(folder)[3]).toMatchObject({ episodes: 4, updates: 7 })
  })

  test('has about a thousand lines, and none that tell of less than 100 steps', () => {
    expect(logInterval({ steps: 300, logEvery: 'auto' })).toBe(100)
    expect(logInterval({ steps: 1_000_000, logEvery: 'auto' })).toBe(1000)
    expect(logInterval({ steps: 1_000_000, logEvery: 7 })).toBe(7)
  })

  test('every quantity stands in docs/runs.md, with its name in TensorBoard', () => {
    const reference = readFileSync(join(import.meta.dirname, '../../docs/runs.md'), 'utf8')
    for (const [name, tag] of Object.entries(METRIC_TAGS))
      expect(reference).toMatch(`| \`${name}\` | \`${tag}\` |`)
  })
})

describe('metrics.jsonl is read', () => {
  const write = (...lines: (object | string)[]) => {
    const texts = lines.map(line => (typeof line === 'string' ? line : `${JSON.stringify(line)}\n`))
    writeFileSync(join(folder, 'metrics.jsonl'), texts.join(''))
  }
  const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString()
  const start = { type: 'start', step: 0, time: at(0), pid: 1, host: 'here' }
  const train = (number: number, total: number) => ({
    type: 'train',
    step: number,
    time: at(number),
    return: total,
  })

  test('while it grows: a last line without an end is not there yet', () => {
    write(start, train(1, 5), '{"type":"train","step":2')
    const metrics = readMetrics(folder)
    expect(metrics).toMatchObject({ train: [{ step: 1, return: 5 }], evaluations: [], damaged: [] })
    expect(metrics.end).toBeUndefined()
  })

  test('of several lines for one step the last, and the time of all sessions', () => {
    const again = { ...start, step: 1, time: at(100) }
    write(start, train(1, 5), train(3, 6), { type: 'end', step: 3, time: at(4), reason: 'aborted' })
    appendFileSync(
      join(folder, 'metrics.jsonl'),
      [again, { ...train(3, 7), time: at(110) }].map(line => `${JSON.stringify(line)}\n`).join(''),
    )
    const metrics = readMetrics(folder)
    expect(metrics.train.map(line => [line.step, line.return])).toEqual([
      [1, 5],
      [3, 7],
    ])
    expect(metrics.sessions.map(({ seconds }) => seconds)).toEqual([4, 10])
    expect(metrics.end).toBeUndefined()
  })

  test('damaged lines are left out and named; those of an unknown type are skipped', () => {
    write(start, 'nonsense\n', '{"type":"train"}\n', 'null\n', '{"type":"other","step":1}\n', train(1, 5))
    expect(readMetrics(folder)).toMatchObject({ damaged: [2, 3, 4], train: [{ step: 1 }] })
  })

  test('a directory without it is told', () => {
    expect(() => readMetrics(join(folder, 'none'))).toThrow(
      /There is no run in .*none: it has no metrics.jsonl/,
    )
    expect(() =>
      truncateMetrics(join(folder, 'none'), { step: 1, training: 1, evaluations: 0, examined: 0 }),
    ).not.toThrow()
  })
})

describe('averages', () => {
  test('speeds leave the time of evaluations out', () => {
    let time = 0
    const averages = createAverages({ wall: () => time, processor: () => 2 * time })
    for (let i = 1; i <= 10; i++) {
      time += 100
      averages.observe(step(i))
    }
    time += 60_000
    averages.observe({ ...evaluation, step: 10 })
    time += 1000
    averages.observe(step(11))
    expect(averages.take()).toEqual({
      seconds: 2,
      processorSeconds: 4,
      stepsPerSecond: 5.5,
      updatesPerSecond: 0,
      updatesPerStep: 0,
      means: {},
    })
    time += 500
    expect(averages.take()).toMatchObject({ seconds: 0.5, stepsPerSecond: 0 })
  })
})
