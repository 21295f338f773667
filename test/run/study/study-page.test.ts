import { describe, expect, test } from 'vitest'
import { parseStudy, trainingsOf } from '../../../src/run/study/study-file.ts'
import { studyPage } from '../../../src/run/study/study-page.ts'
import type { StudyResults, TrainingResult } from '../../../src/run/study/study-results.ts'
import { curveOf, estimate, overallOf, scoresAt } from '../../../src/run/study/study-statistics.ts'

const study = parseStudy({
  title: 'A comparison',
  about: 'Which is better?',
  seeds: 4,
  tasks: { Hill: null, Valley: null },
  variants: { SAC: null, Other: { tau: 0.1 } },
  ranges: { Hill: [0, 10], Valley: [-100, 0] },
  processorTime: true,
})

/** Finished trainings with two evaluations each, the second at the given scores. */
function resultsWith(scoreOf: (task: string, variant: string, seed: number) => number): StudyResults {
  const results = trainingsOf(study).map(({ task, variant, seed }): TrainingResult => {
    const cost = variant === 'SAC' ? 1 : 2
    const points = [
      { step: 100, score: 0, processorSeconds: cost },
      { step: 200, score: scoreOf(task, variant, seed), processorSeconds: 2 * cost },
    ]
    return { task, variant, seed, status: 'finished', steps: 200, points }
  })
  return { study, machine: 'a machine', results }
}

const better = resultsWith((task, variant, seed) =>
  task === 'Hill' ? (variant === 'SAC' ? 4 : 6) + seed : (variant === 'SAC' ? -40 : -60) + seed,
)
const commands = { command: 'sac study s.yaml', commandOf: () => 'sac train' }

describe('statistics', () => {
  test('an estimate is the interquartile mean within its interval', () => {
    const { value, low, high } = estimate([0, 4, 6, 100])!
    expect(value).toBe(5)
    expect(low).toBeLessThan(5)
    expect(high).toBeGreaterThan(5)
    expect(estimate([])).toBeUndefined()
  })

  test('scores between two evaluations lie on the line between them, by steps and by processor time', () => {
    const [first] = better.results
    expect(scoresAt([first], 'step', 150)).toEqual([2])
    expect(scoresAt([first], 'processorSeconds', 2)).toEqual([4])
    expect(scoresAt([first], 'step', 50)).toEqual([0])
    expect(scoresAt([first], 'step', 201)).toEqual([])
  })

  test('all tasks: normalised by their ranges, and beaten half of the time where one task speaks for each', () => {
    const sac = overallOf(better, 'SAC')!
    // Hill: 0.4 to 0.7; Valley: 0.6 to 0.63.
    expect(sac.normalised.value).toBeCloseTo((0.6 + 0.6 + 0.61 + 0.62) / 4, 10)
    expect(sac.beatsFirst).toBeUndefined()
    // Hill: 6..9 against 4..7, 13 of 16 pairs and one tie; Valley: never.
    expect(overallOf(better, 'Other')!.beatsFirst!.value).toBeCloseTo((0.875 + 0) / 2, 10)
  })

  test('a variant with nothing to show in a task has no overall figure', () => {
    const results = better.results.filter(({ task, variant }) => task === 'Hill' || variant === 'SAC')
    expect(overallOf({ ...better, results }, 'Other')).toBeUndefined()
  })

  test('a curve has a point at each step that any seed was evaluated at', () => {
    const group = better.results.filter(({ task, variant }) => task === 'Hill' && variant === 'SAC')
    expect(curveOf(group).map(({ step, value }) => [step, value])).toEqual([
      [100, 0],
      [200, 5.5],
    ])
  })
})

describe('the page', () => {
  const page = studyPage(better, commands)
  const text = page['README.md']

  test('has scores, equal budgets, charts and commands', () => {
    expect(text).toContain('# A comparison\n\nWhich is better?\n\n16 trainings: 4 cells with 4 seeds each.')
    expect(text).toMatch(/^\| SAC \| 5\.5 \([\d.]+ to [\d.]+\) \| −38\.5 \(−[\d.]+ to −[\d.]+\) \|/m)
    expect(text).toContain(
      '## At equal environment steps\n\n| variant | Hill, 200 steps | Valley, 200 steps |',
    )
    // SAC's budget of 2 s is Other's first evaluation.
    expect(text).toMatch(
      /## At equal processor time\n\n\| variant \| Hill, 2\.0 s .*\n.*\n\| SAC \| 5\.5 .*\n\| Other \| 0\.0 /,
    )
    expect(Object.keys(page).sort()).toEqual(['README.md', 'curves.svg', 'processor-time.svg'])
    expect(page['curves.svg']).toContain('Valley')
    expect(text).toContain('| Other on Valley | `sac train` |')
  })

  test('sets published figures beside its own, with every seed and the commit', () => {
    const published = { Hill: [{ score: -5, steps: 1000, by: 'Somebody' }] }
    const results = better.results.map(result => ({ ...result, seconds: 7 }))
    const own = { ...better, study: { ...study, published }, commit: 'abc123', results }
    const { 'README.md': text } = studyPage(own, commands)
    expect(text).toContain('on a machine, at commit abc123.')
    expect(text).toMatch(
      /^\| SAC on Hill \| 200 \| 5\.5 \(.*\): 4\.0, 5\.0, 6\.0, 7\.0 \| 2 \| 7 \| −5\.0 after 1,000 steps \(Somebody\) \|/m,
    )
    expect(page['README.md']).not.toContain('published')
  })

  test('says what is still to be made, and what failed', () => {
    const results = better.results.map((result, i): TrainingResult => {
      if (i === 0) return { ...result, status: 'open' }
      return i === 1 ? { ...result, status: 'failed', message: 'diverged' } : result
    })
    const { 'README.md': text } = studyPage({ ...better, results }, commands)
    expect(text).toContain('**1 are still to be made.** 1 failed')
    expect(text).toMatch(/^\| Other \| .*, 1 of 4 failed \|/m)
  })

  test('of a sweep has a chart and a table for each setting', () => {
    const sweeps = { tau: [0.01, 0.1, 1], rewardScale: [0.01, 100] }
    const swept = parseStudy({ ...study, sweeps })
    const results = trainingsOf(swept).map(({ task, variant, sweep, seed }): TrainingResult => {
      const points = [{ step: 1, score: Number(sweep!.value), processorSeconds: 1 }]
      return { task, variant, sweep, seed, status: 'finished', steps: 1, points }
    })
    const page = studyPage({ study: swept, machine: '', results }, commands)
    expect(Object.keys(page).sort()).toEqual(['README.md', 'rewardScale.svg', 'tau.svg'])
    expect(page['README.md']).toContain('| Hill | 0.01 | 0.1 | 1 |\n| --- | --- | --- | --- |\n| SAC | 0.0 ')
    // Decades are equally far apart.
    const ticks = [
      ...page['tau.svg'].matchAll(/<text x="([\d.]+)" y="\d+" text-anchor="middle">(0\.01|0\.1|1)</g),
    ]
    const [a, b, c] = ticks.map(([, x]) => Number(x))
    expect(b - a).toBeCloseTo(c - b, 1)
  })
})
