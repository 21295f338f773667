import { describe, expect, test } from 'vitest'
import { matches, sorted } from '../../page/runs/table/filter.ts'
import { toCsv, toMarkdown } from '../../page/runs/table/table-text.ts'
import { titlesOf } from '../../page/runs/titles.ts'
import { hashToView, viewToHash } from '../../page/runs/view-address.ts'
import type { RunRow } from '../../src/run/ui/messages.ts'

const row = (changes: Partial<RunRow> = {}): RunRow => ({
  id: 'group/run-1',
  environment: 'Pendulum-v1',
  algorithm: 'sac',
  seed: 1,
  status: 'running',
  steps: 500,
  totalSteps: 1000,
  lastReturn: -250,
  changed: { batchSize: 64, hiddenSizes: [32, 32] },
  experiment: 'x',
  tags: ['Good'],
  note: 'the first one',
  archived: false,
  damaged: 0,
  ...changes,
})

describe('filter', () => {
  test.each([
    '',
    'pendulum',
    'PENDULUM first',
    'good',
    'status:running',
    'status:training',
    'batchSize:64',
    'batchsize=64',
    'lastReturn>-300 lastReturn<=-250',
    'seed>=1',
    'hiddenSizes:32',
    'tags:good',
  ])('%j finds the run', filter => {
    expect(matches(row(), filter)).toBe(true)
  })

  test.each([
    'hopper',
    'status:finished',
    'batchSize=6',
    'lastReturn>-250',
    'bestReturn>-1e9',
    'gamma:0.9',
    'note>5',
  ])('%j does not', filter => {
    expect(matches(row(), filter)).toBe(false)
  })
})

test('runs without a value come last, whichever way they are sorted; names go by their numbers', () => {
  const rows = [
    row({ id: 'run-10', lastReturn: undefined }),
    row({ id: 'run-2', lastReturn: -5 }),
    row({ id: 'run-1' }),
  ]
  const ids = (sort: string) => sorted(rows, sort).map(({ id }) => id)
  expect(ids('lastReturn')).toEqual(['run-1', 'run-2', 'run-10'])
  expect(ids('-lastReturn')).toEqual(['run-2', 'run-1', 'run-10'])
  expect(ids('id')).toEqual(['run-1', 'run-2', 'run-10'])
})

describe('the address', () => {
  test('has only what is not as usual, and gives it back', () => {
    expect(viewToHash(hashToView(''))).toBe('')
    const view = {
      ...hashToView(''),
      selected: ['a,b', '50%2C', 'c/d & e'],
      filter: 'a=b&c#d',
      gather: 'iqm' as const,
      smoothing: 0.5,
      range: [10, 20.5] as const,
      archived: true,
      metrics: 'q[12]|(a,b)',
      columns: [],
    }
    expect(hashToView(`#${viewToHash(view)}`)).toEqual(view)
  })

  test('with nonsense in it is as usual', () => {
    const usual = hashToView('')
    expect(hashToView('#page=admin&x=evil&gather=all&smoothing=2&range=5,x&smoothing=NaN')).toEqual(usual)
    expect(hashToView('#range=20,10')).toEqual(usual)
    expect(hashToView('#%E0%A4%A')).toEqual(usual)
  })
})

describe('a table as text', () => {
  const columns = [
    { name: 'id', title: 'run', width: 0, text: ({ id }: RunRow) => id },
    { name: 'last', title: 'last', width: 0, number: true, text: (run: RunRow) => String(run.lastReturn) },
  ]

  test('Markdown: what would be markup is escaped', () => {
    const text = toMarkdown(columns, [row({ id: 'a|b <img> `c`\n[d](e)' })])
    expect(text).toBe('| run | last |\n| --- | ---: |\n| a\\|b \\<img\\> \\`c\\` \\[d\\](e) | -250 |\n')
  })

  test.each([
    ['plain', 'plain'],
    ['a,b "c"', '"a,b ""c"""'],
    ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
    ['@sum', "'@sum"],
    ['-2+3', "'-2+3"],
    ['-12.5', '-12.5'],
    ['1e-5', '1e-5'],
  ])('CSV: %s', (id, expected) => {
    expect(toCsv(columns, [row({ id })]).split('\r\n')[1]).toBe(`${expected},-250`)
  })
})

test('an experiment is called after what distinguishes it, and not after what its algorithm alone has', () => {
  const rows = [
    row({ changed: { temperatureLearningRate: 0.001 } }),
    row({ changed: { temperatureLearningRate: 0.001, gamma: 0.9 } }),
    row({ algorithm: 'td3', changed: { gamma: 0.9 } }),
  ]
  expect(titlesOf(rows)).toEqual(['sac', 'sac, gamma 0.9', 'td3, gamma 0.9'])
  expect(titlesOf([rows[0], row({ changed: {} })])).toEqual(['temperatureLearningRate 0.001', 'defaults'])
})
