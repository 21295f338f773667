import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { environments } from '../../../src/envs/environments.ts'
import { environmentIds, makeEnv } from '../../../src/envs/registry.ts'
import { readPage, testPage } from './page.ts'

const { text, blocks } = readPage('docs/environments.md')
const [example] = blocks('ts')

// What needs Python is tested in test/interop.
const folder = testPage('docs/environments.md', {
  files: { 'my-env.ts': example },
  only: code => !code.includes('gymnasium:') && !code.includes('makeGymnasiumEnvs'),
  onPrinted: printed => expect(printed.trim()).toBe('[]'),
})

test('the example is the file in examples/, and learns', () => {
  expect(readFileSync(join(import.meta.dirname, '../../../examples/my-env.ts'), 'utf8')).toBe(example)
  const lines = readFileSync(join(folder(), 'runs/my-env-seed0/metrics.jsonl'), 'utf8').trim().split('\n')
  const evaluation = lines.map(line => JSON.parse(line)).findLast(({ type }) => type === 'evaluation')
  // Pushed at random it earns about -60.
  expect(evaluation.mean).toBeGreaterThan(-12)
})

test('the table of built-in environments tells their spaces and time limits', async () => {
  const row =
    /^\| `(.*?)` \| .*? \| (\d+) \| (?:(\d+) in \[−(.*?), (.*?)\]|one of (\d+)) \| (\d+) \| .*? \|$/gm
  const rows = [...text.matchAll(row)]
  expect(rows.map(([, id]) => id)).toEqual(environmentIds())
  for (const [i, [, id, observation, action, low, high, choices, steps]] of rows.entries()) {
    const env = await makeEnv(id)
    const { observationSpace, actionSpace } = env
    expect(observationSpace.size, id).toBe(Number(observation))
    if (actionSpace.kind === 'discrete') expect(actionSpace.n, id).toBe(Number(choices))
    else {
      expect(actionSpace.size, id).toBe(Number(action))
      expect(new Set(actionSpace.low), id).toEqual(new Set([Math.fround(-low)]))
      expect(new Set(actionSpace.high), id).toEqual(new Set([Math.fround(Number(high))]))
    }
    expect(environments()[i].summary, id).toContain(` ${steps} steps`)
    expect(env.getState, id).toBeDefined()
    await env.close?.()
  }
})
