import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeEnv } from '../../src/envs/registry.ts'
import { SAC } from '../../src/sac/agent.ts'
import { presetOptions } from '../../src/training/presets.ts'
import { train } from '../../src/training/train.ts'
import { resultsParts } from '../../tools/results.ts'
import { resultsPage } from '../../tools/results-page.ts'

const root = join(import.meta.dirname, '../..')
const parts = resultsParts(join(root, 'studies'))

test('docs/results.md says what the studies of presets have found', () => {
  expect(readFileSync(join(root, 'docs/results.md'), 'utf8')).toBe(resultsPage(parts))
})

test('what has no results is named, and not left out', () => {
  const page = resultsPage(parts.map(({ name, study }) => ({ name, study })))
  expect(page).toContain('Not measured yet.')
  expect(page).toMatch(/No results yet for the presets of .*Pendulum-v1.*Humanoid-v5/)
})

describe('the first evaluation of a published run, trained again', () => {
  test.each(['Pendulum-v1', 'InvertedPendulum-v5'])('%s gives the same score, bit for bit', async id => {
    const published = parts.flatMap(({ results }) => results?.results ?? [])
    const { points } = published.find(({ task, seed }) => task === id && seed === 0)!
    const [env, evaluationEnv] = [await makeEnv(id), await makeEnv(id)]
    const agent = await SAC.create(env, presetOptions(env, { seed: 0, threads: 1 }))
    const [{ step }] = points
    const scores: number[] = []
    const options = { steps: step, evaluateEvery: step, evaluationEnv, evaluationEpisodes: 100 }
    for await (const event of train(agent, env, options)) {
      if (event.type === 'evaluation') scores.push(event.mean)
    }
    expect(scores).toEqual([points[0].score])
    await agent.dispose()
  })
})
