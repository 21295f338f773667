import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { environmentIds } from '../../../src/envs/registry.ts'
import { resolveSettings } from '../../../src/run/preset-settings.ts'
import { presetSpace } from '../../../src/run/tune/preset-space.ts'
import { bestTrial, openSearch, settingImportances } from '../../../src/run/tune/search.ts'
import { parseSpace, settingsOf } from '../../../src/run/tune/space-file.ts'
import { ALGORITHMS } from '../../../src/sac/options.ts'
import type { Space } from '../../../src/tune/space.ts'

let folder: string
let journal: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'search-'))
  journal = join(folder, 'journal.log')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const space: Space = {
  rate: { low: 1e-4, high: 1e-1, log: true },
  size: { low: 1, high: 64, log: true, step: 1 },
  way: { choices: ['a', 'b', true, 2] },
}
const stopping = { firstRung: 10, reduction: 3 }
const scoreAt = (rate: unknown, step: number) => -Math.abs(Math.log10(Number(rate)) + 2) + step / 100

/** Makes trials up to a number of them, one after the other; `open` opens the search anew for every call. */
function searchOn(path: string, count: number, open = () => openSearch(path, { space, stopping, seed: 5 })) {
  for (let made = open().trials().length; made < count; made++) {
    const { number, point } = open().next()
    if (number === 4) {
      open().fail(number, 'Update 7 diverged.')
      continue
    }
    let stopped = false
    for (const step of [10, 20, 30, 40]) {
      stopped = open().report(number, { step, value: scoreAt(point.rate, step) })
      if (stopped) break
    }
    if (!stopped) open().complete(number, { step: 90, value: scoreAt(point.rate, 90) })
  }
  return open().trials()
}

/** Without times. */
const textOf = (path: string) => readFileSync(path, 'utf8').replace(/"datetime_\w+":"[^"]+"/g, '')

describe('a search', () => {
  test('is what its journal says, and goes on as if it had never stopped', () => {
    const whole = searchOn(join(folder, 'whole.log'), 30)
    const parts = [7, 8, 21, 30].map(count => searchOn(journal, count)).at(-1)
    expect(parts).toEqual(whole)
    expect(textOf(journal)).toBe(textOf(join(folder, 'whole.log')))
    const states = new Set(whole.map(({ state }) => state))
    expect(states).toEqual(new Set(['complete', 'stopped', 'failed']))
    expect(whole[4]).toMatchObject({ state: 'failed', message: 'Update 7 diverged.' })
    expect(bestTrial(whole)!.value).toBe(
      Math.max(...whole.map(({ state, value }) => (state === 'complete' ? value! : -9))),
    )
    expect(Object.keys(settingImportances(space, whole)!)[0]).toBe('rate')
    expect(settingImportances(space, whole.slice(0, 8))).toBeUndefined()
  })

  test('survives being cut off in the middle of a line', () => {
    searchOn(journal, 12)
    const text = textOf(journal)
    appendFileSync(journal, '{"worker_id":"soft-actor-critic","op_co')
    searchOn(journal, 12)
    expect(textOf(journal)).toBe(text)
  })

  test('stops a trial together with the report that stops it', () => {
    searchOn(journal, 12)
    const lines = readFileSync(journal, 'utf8').trim().split('\n')
    const ends = lines.flatMap((line, i) =>
      line.includes('"op_code":6,') && line.includes('"state":2') ? [i] : [],
    )
    expect(ends.length).toBeGreaterThan(0)
    for (const i of ends) expect(lines[i - 1]).toContain('"op_code":7')
  })

  test('refuses to go on as another', () => {
    openSearch(journal, { space, seed: 5, about: { settings: { steps: 10 } } })
    const reopen = (change: object) =>
      openSearch(journal, { space, seed: 5, about: { settings: { steps: 10 } }, ...change })
    expect(() => reopen({})).not.toThrow()
    expect(() => reopen({ about: { settings: { steps: 20 } } })).toThrow(
      'was begun with another settings, {"steps":10}',
    )
    expect(() => reopen({ seed: 6 })).toThrow('another seed, 5: ask for the same, or name another place.')
    expect(() => reopen({ space: { ...space, way: { choices: ['a'] } } })).toThrow('another space')
    expect(() => reopen({ stopping })).toThrow('another stopping, "none"')
  })

  test('says that a file is something else', () => {
    writeFileSync(journal, 'steps: 5\n')
    expect(() => openSearch(journal, { space })).toThrow(
      'is not a journal of Optuna: its line 1 cannot be read.',
    )
  })

  test.each<[object, string]>([
    [{ sampler: 'grid' }, `Option sampler is "grid"; it must be 'tpe' or 'random'.`],
    [{ samplr: 'tpe' }, 'There is no option samplr; did you mean sampler?'],
    [{ seed: -1 }, 'Option seed is -1; it must be a whole number from 0 to 4294967295.'],
    [
      { stopping: { firstRung: 1, reduction: 1 } },
      'it must be { firstRung, reduction }, a number above 0 and one of at least 2.',
    ],
    [{ stopping: { firstRung: 0, reduction: 3 } }, 'a number above 0'],
    [{ space: [1, 2] }, 'it must be a table of settings'],
    [{ space: { x: 3 } }, 'it must be a table of settings, each { low, high } or { choices }.'],
    [{ space: {} }, 'There is nothing to search'],
  ])('with %j is refused, and nothing is written', (change, message) => {
    expect(() => openSearch(journal, { space, ...change })).toThrow(message)
    expect(existsSync(journal)).toBe(false)
  })

  test.each([
    [{ step: 1, value: Number.NaN }, 'value is NaN; it must be a finite number.'],
    [{ step: 1, value: -Infinity }, 'value is -Infinity'],
    [{ step: 0.5, value: 1 }, 'step is 0.5; it must be a whole number of at least 0.'],
  ])('refuses the report %j', (report, message) => {
    const search = openSearch(journal, { space })
    const { number } = search.next()
    expect(() => search.report(number, report)).toThrow(message)
    expect(() => search.complete(number, report)).toThrow(message)
    expect(search.trials()[number]).toMatchObject({ state: 'running', reports: [] })
  })

  test('may be beside another one in the same journal', () => {
    const [first, second] = ['first', 'second'].map(name =>
      openSearch(journal, { space, name, about: { of: name } }),
    )
    for (const search of [first, second, first]) search.complete(search.next().number, { step: 1, value: 1 })
    expect([first, second].map(search => search.trials().length)).toEqual([2, 1])
    expect(() => openSearch(journal, { space, name: 'second', about: { of: 'second' } })).not.toThrow()
    expect(() => openSearch(journal, { space, name: 'second', about: { of: 'first' } })).toThrow(
      'another of, "second"',
    )
  })

  test('leaves alone what others do in the same journal', () => {
    const search = openSearch(journal, { space })
    const line = (content: object) =>
      appendFileSync(journal, `${JSON.stringify({ worker_id: 'x', ...content })}\n`)
    line({ op_code: 0, study_name: 'another', directions: [1] })
    line({ op_code: 4, study_id: 1, datetime_start: '2026-01-01T00:00:00.000000+00:00' })
    // As Optuna itself writes a trial, in a second study and in ours.
    for (const id of [0, 1]) {
      line({ op_code: 4, study_id: 0, datetime_start: '2026-01-01T00:00:00.000000+00:00' })
      const distribution = JSON.stringify({
        name: 'CategoricalDistribution',
        attributes: { choices: ['a', 'b', true, 2] },
      })
      line({ op_code: 5, trial_id: id + 1, param_name: 'way', param_value_internal: 2, distribution })
      line({ op_code: 9, trial_id: id + 1, system_attr: { note: 1 } })
    }
    const { number } = search.next()
    expect(number).toBe(2)
    search.complete(number, { step: 1, value: 3 })
    // Of a trial that has ended: Optuna does not take it either.
    line({ op_code: 7, trial_id: 3, step: 9, intermediate_value: 9 })
    expect(search.trials()[number].reports).toEqual([{ step: 1, value: 3 }])
    const trials = search.trials()
    expect(trials.map(({ state }) => state)).toEqual(['running', 'running', 'complete'])
    expect(trials[0].point).toEqual({ way: true })
    expect(() => search.complete(number, { step: 2, value: 3 })).toThrow('has ended')
    expect(() => search.fail(9, '')).toThrow('does not exist')
  })
})

const parse = (
  input: Record<string, unknown>,
  settings: Record<string, unknown> = { environment: 'Pendulum-v1' },
) => parseSpace(input, settings, named => resolveSettings(undefined, named, {}))

describe('a space from a file', () => {
  test('has ranges of whole numbers where the setting takes no others, and lists as texts', () => {
    const parsed = parse({
      learningRate: { low: 1e-4, high: 1e-2, log: true },
      batchSize: { low: 32, high: 256, step: 32 },
      learningStarts: { low: 100, high: 1000 },
      hiddenSizes: [[64, 64], [256]],
      temperature: ['auto', 0.1],
    })
    expect(parsed).toEqual({
      learningRate: { low: 1e-4, high: 1e-2, log: true },
      batchSize: { low: 32, high: 256, log: false, step: 32 },
      learningStarts: { low: 100, high: 1000, log: false, step: 1 },
      hiddenSizes: { choices: ['64,64', '256'] },
      temperature: { choices: ['auto', 0.1] },
    })
    expect(settingsOf({ hiddenSizes: '64,64', temperature: 'auto', gamma: 0.9 })).toEqual({
      hiddenSizes: [64, 64],
      temperature: 'auto',
      gamma: 0.9,
    })
    expect(settingsOf({ hiddenSizes: '256' })).toEqual({ hiddenSizes: [256] })
  })

  test.each([
    [{ gama: [0.9] }, 'There is no setting gama to search; did you mean gamma?'],
    [{ seed: [1, 2] }, 'The setting seed cannot be searched: it must be the same in all trials.'],
    [{ steps: [1, 2] }, 'The setting steps cannot be searched'],
    [
      { gamma: 0.9 },
      'The space of gamma is 0.9; it must be a list of values, such as [0.98, 0.99], or a range',
    ],
    [{ gamma: null }, 'The space of gamma is null; it must be a list'],
    [{ gamma: [] }, 'The space of gamma is []; it must be a list'],
    [
      { gamma: { low: 0.9, hig: 1 } },
      'The space of gamma: Option high is missing; it must be a number. There is no option hig; did you mean high?',
    ],
    [{ gamma: { low: 0.9, high: 0.8 } }, 'low and high must be numbers, low below high.'],
    [
      { gamma: { low: 0.9, high: 1.5 } },
      'The space has gamma 1.5: Option gamma is 1.5; it must be a number from 0 to 1.',
    ],
    [
      { batchSize: [64, 0.5] },
      'The space has batchSize 0.5: Option batchSize is 0.5; it must be a whole number of at least 1.',
    ],
    [
      { activation: ['relu', 'gelu'] },
      `The space has activation gelu: Option activation is "gelu"; it must be 'relu' or 'tanh'.`,
    ],
    [{ batchSize: { low: 16, high: 64, log: true, step: 16 } }, 'with log, step can only be 1'],
    [
      { algorithm: ['sac', 'td3'], targetEntropy: [-1, -3] },
      'The space has algorithm td3 and targetEntropy -1: Algorithm td3 has no option targetEntropy',
    ],
    [
      { critics: [1, 2], targetCritics: [1, 2] },
      'The space has critics 1 and targetCritics 2: Option targetCritics is 2; there are only 1 critics.',
    ],
  ])('%j is refused', (input, message) => {
    expect(() => parse(input)).toThrow(message)
  })

  test('names all of its faults', () => {
    expect(() => parse({ gama: [1], tauu: [1], steps: [1] })).toThrow(/gamma\?\n.*tau\?\n.*steps cannot/)
  })

  test('cannot have what is the same in all trials', () => {
    expect(() => parse({ gamma: [0.9, 0.8] }, { environment: 'Pendulum-v1', gamma: 0.7 })).toThrow(
      'The setting gamma is in the space, and all trials are to have 0.7; leave out one of the two.',
    )
  })
})

describe('the space of a preset', () => {
  const cases = [
    ...environmentIds().map(environment => [environment, 'sac']),
    ...ALGORITHMS.map(algorithm => ['HalfCheetah-v5', algorithm]),
  ]
  test.each(cases)('of %s for %s can be searched, and has the preset in it', (environment, algorithm) => {
    const settings = { environment, algorithm }
    const common = resolveSettings(undefined, settings, {})
    const parsed = parse(presetSpace(common, Object.keys(settings)), settings)
    expect(Object.keys(parsed).length).toBeGreaterThanOrEqual(5)
    const { gamma, batchSize } = common.options
    expect(parsed.gamma).toMatchObject({ choices: expect.arrayContaining([gamma]) })
    expect(parsed.batchSize).toMatchObject({ choices: expect.arrayContaining([batchSize]) })
    expect(parsed.learningStarts).toMatchObject({ log: true, step: 1 })
  })

  test('leaves out what somebody has set', () => {
    const settings = { environment: 'Pendulum-v1', gamma: 0.9, criticLearningRate: 1e-3 }
    const names = Object.keys(presetSpace(resolveSettings(undefined, settings, {}), Object.keys(settings)))
    expect(names).toContain('tau')
    expect(names).not.toContain('gamma')
    expect(names).not.toContain('learningRate')
  })
})
