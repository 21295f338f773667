import { expect, test } from 'vitest'
import { envOptionFlag } from '../../src/cli/environments/env-option.ts'
import { trainingArguments } from '../../src/run/processes/training-arguments.ts'
import { goneProblems } from '../../src/run/reports/examinations.ts'

test('options of environments arrive as they are', () => {
  const options = {
    gravity: 9.8,
    small: 1e-9,
    far: Infinity,
    fixed: true,
    nothing: null,
    name: 'half_cheetah.xml',
    path: '/somewhere/with space/model.xml',
    digits: '3',
    truth: 'true',
    none: 'null',
    text: 'it\'s "quoted", [and] = {more}: #1\n',
    empty: '',
    range: [0.1, -Infinity, 'a b'],
    table: { low: [1, 2], 'two words': { deep: null } },
  }
  const args = trainingArguments({ environment: 'X-v0', environmentOptions: options })
  const texts = args.filter((_, i) => args[i - 1] === '--env-option')
  const parse = envOptionFlag().parseArg as (text: string, before: object) => object
  expect(texts.reduce((all, text) => parse(text, all), {})).toEqual(options)
  expect(args.slice(0, 2)).toEqual(['train', 'X-v0'])
})

test('settings that are undefined are left out, lists are joined', () => {
  expect(
    trainingArguments({ environment: 'X-v0', hiddenSizes: [8, 4], initFrom: undefined, layerNorm: false }),
  ).toEqual(['train', 'X-v0', '--hidden-sizes', '8,4', '--layer-norm', 'false'])
})

test('problems that are gone have the step at which they were', () => {
  const line = (step: number, ...kinds: string[]) =>
    ({
      type: 'examination',
      step,
      diagnoses: kinds.map(kind => ({ kind, problem: `${kind} at ${step}`, cause: '', remedy: '' })),
    }) as unknown as Parameters<typeof goneProblems>[0][number]
  expect(goneProblems([line(10, 'a'), line(20, 'a', 'b'), line(30, 'b'), line(40, 'a', 'b')])).toEqual([
    { kind: 'a', step: 10, problem: 'a at 10', until: 30 },
  ])
})
