import { expect, test } from 'vitest'
import { envOptionFlag } from '../../../src/cli/environments/env-option.ts'
import { makeEnv } from '../../../src/envs/registry.ts'

const read = (...pairs: string[]) =>
  pairs.reduce<Record<string, unknown> | undefined>(
    (table, pair) => envOptionFlag().parseArg!(pair, table as never) as never,
    undefined,
  )

test.each<[string, unknown]>([
  ['[0.3, 1]', [0.3, 1]],
  ['[0.3,1]', [0.3, 1]],
  [' [-.inf, Infinity] ', [-Infinity, Infinity]],
  ['[0.7, .inf]', [0.7, Infinity]],
  [
    '[[1, 2], [3, null]]',
    [
      [1, 2],
      [3, null],
    ],
  ],
  ['{low: 1, high: {of: [a, true]}}', { low: 1, high: { of: ['a', true] } }],
  ['{"low": 1e-3}', { low: 1e-3 }],
  ['[]', []],
  ['{}', {}],
  ['null', null],
  ['~', null],
  ['-.inf', -Infinity],
  ["'null'", 'null'],
  ['"5"', '5'],
  ['5', 5],
  ['-1.5e3', -1500],
  ['true', true],
  ['torso', 'torso'],
  ['', ''],
  ['./models/a: b.xml', './models/a: b.xml'],
  ['a=b', 'a=b'],
])('--env-option name=%s', (text, value) => {
  expect(read('first=1', `name=${text}`)).toEqual({ first: 1, name: value })
})

test.each(['[0.3, 1', '{a: 1', '[1] 2', "'a", '[&a 1, *b]'])(
  'name=%s cannot be read, and it says how to write it',
  text => {
    expect(() => read(`name=${text}`)).toThrow(
      /^--env-option name is .*, which cannot be read: .*such as '\[0\.3, 1\]'/,
    )
  },
)

test('a range reaches the environment', async () => {
  const env = await makeEnv('Ant-v5', read('healthyZRange=[0.3, 1]'))
  await env.close?.()
  await expect(makeEnv('Ant-v5', read('healthyZRange=[1, 0.3]'))).rejects.toThrow(/low not above high/)
})
