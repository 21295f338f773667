import * as planck from 'planck'
import { describe, expect, test } from 'vitest'
import { drawAction } from '../../src/env/action-space.ts'
import type { Env } from '../../src/env/env.ts'
import { timeLimit } from '../../src/env/wrappers.ts'
import { drawTerrain } from '../../src/envs/box2d/bipedal-terrain.ts'
import { beginWalk } from '../../src/envs/box2d/bipedal-walker.ts'
import type { Draws, Episode } from '../../src/envs/box2d/episodes.ts'
import { beginLanding, createLunarLander, withChoices } from '../../src/envs/box2d/lunar-lander.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { createRandom } from '../../src/random.ts'
import { runPython } from './python.ts'
import { compareDistributions, compareMeans } from './statistics.ts'

const ids = ['LunarLanderContinuous-v3', 'BipedalWalker-v3', 'BipedalWalkerHardcore-v3']
const landers = ['LunarLanderContinuous-v3', 'LunarLander-v3']

/** An episode of Gymnasium under random actions, or its first 300 steps. */
interface Recording {
  actions: number[][]
  /** From the reset on: one more than actions. */
  observations: number[][]
  rewards: number[]
  /** What it drew: numbers in [0, 1), and whole numbers from 0. */
  uniforms: number[]
  integers: number[]
  /** Of a walker's terrain. */
  heights: number[]
}

/** Draws the numbers of a recording again. */
function draw({ uniforms, integers }: Recording): Draws {
  let [u, i] = [0, 0]
  return {
    uniform: (low = 0, high = 1) => low + (high - low) * uniforms[u++],
    integer: () => integers[i++],
  }
}

/** Largest difference of observations, and of rewards, at each step of an episode. */
function replay(recording: Recording, episode: Episode): { observation: number; reward: number }[] {
  const { actions, observations, rewards } = recording
  return observations.map((expected, t) => {
    const action = t === 0 ? new Float32Array(actions[0].length) : Float32Array.from(actions[t - 1])
    const { observation, reward } = episode.step(action)
    return {
      observation: Math.max(...expected.map((value, i) => Math.abs(value - observation[i]))),
      reward: t === 0 ? 0 : Math.abs(reward - rewards[t - 1]),
    }
  })
}

const largest = (differences: number[]) => Math.max(...differences)
const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]
const record = (id: string, seed: number) => runPython<Recording[]>('box2d_oracle.py', 'record', id, 20, seed)

/**
 * The same random numbers and actions in both. Box2D computes in float32 and planck in float64, so episodes drift
 * apart: slowly in flight, and fast where contacts come and go, which no tolerance can follow for long.
 */
describe('the same episode', () => {
  test.each(landers)('%s: until a leg touches the ground', async id => {
    for (const recording of await record(id, 7)) {
      const landing = beginLanding(planck, draw(recording))
      const differences = replay(recording, id === 'LunarLander-v3' ? withChoices(landing) : landing)
      const touch = recording.observations.findIndex(o => o[6] + o[7] > 0)
      // The last step may be a crash, with its contacts.
      const flight = differences.slice(0, touch === -1 ? -1 : touch)
      expect(flight.length).toBeGreaterThan(40)
      // 2^-24 of an angle or position of 1, added up over 200 steps, is 1e-5.
      expect(largest(flight.map(step => step.observation))).toBeLessThan(5e-5)
      // The reward counts differences of the state a hundredfold.
      expect(largest(flight.map(step => step.reward))).toBeLessThan(5e-3)
    }
  })

  test.each(ids.slice(1))('%s: the first 50 steps', async id => {
    const recordings = await record(id, 7)
    const differences = recordings.map(recording => {
      const draws = draw(recording)
      const terrain = drawTerrain(draws, id === 'BipedalWalkerHardcore-v3')
      recording.heights.forEach((height, i) => {
        expect(terrain.heights[i]).toBeCloseTo(height, 12)
      })
      const { observations } = recording
      return replay(
        { ...recording, observations: observations.slice(0, 51) },
        beginWalk(planck, draws, terrain),
      )
    })
    // The feet are on the ground from the first step on, so some episodes part early: hence the median.
    const worst = differences.map(steps => largest(steps.map(step => step.observation)))
    expect(median(worst)).toBeLessThan(5e-4)
    expect(median(differences.map(steps => largest(steps.map(step => step.reward))))).toBeLessThan(5e-4)
    expect(
      largest(differences.flatMap(steps => steps.slice(0, 3).map(step => step.observation))),
    ).toBeLessThan(1e-3)
    console.log(`${id}: largest difference over 50 steps, median ${median(worst).toExponential(1)}`)
  })
})

/** An episode in numbers: return, length, and mean and standard deviation of each observation. */
interface Summary {
  return: number
  length: number
  means: number[]
  spreads: number[]
}

function summarise(observations: ArrayLike<number>[], rewards: number[]): Summary {
  const n = observations.length
  const means = Array.from(observations[0], (_, i) => observations.reduce((sum, o) => sum + o[i], 0) / n)
  const spreads = means.map((mean, i) =>
    Math.sqrt(observations.reduce((sum, o) => sum + (o[i] - mean) ** 2, 0) / n),
  )
  return { return: rewards.reduce((a, b) => a + b, 0), length: rewards.length, means, spreads }
}

async function runEpisodes(env: Env, count: number, seed: number): Promise<Summary[]> {
  const random = createRandom(seed, 'actions')
  const summaries: Summary[] = []
  for (let episode = 0; episode < count; episode++) {
    const observations = [(await env.reset(episode === 0 ? { seed } : {})).observation]
    const rewards: number[] = []
    for (let ended = false; !ended; ) {
      const action = drawAction(env.actionSpace, random)
      const { observation, reward, terminated, truncated } = await env.step(action)
      observations.push(observation)
      rewards.push(reward)
      ended = terminated || truncated
    }
    summaries.push(summarise(observations, rewards))
  }
  return summaries
}

/** Probabilities of the differences between two sets of episodes if they come from the same environment. */
function compare(ours: Summary[], theirs: Summary[]): { what: string; p: number }[] {
  const quantities: [string, (summary: Summary) => number][] = [
    ['return', summary => summary.return],
    ['length', summary => summary.length],
    ...ours[0].means.flatMap((_, i): [string, (summary: Summary) => number][] => [
      [`mean of observation ${i}`, summary => summary.means[i]],
      [`spread of observation ${i}`, summary => summary.spreads[i]],
    ]),
  ]
  return quantities.flatMap(([name, of]) => [
    { what: `${name} (means)`, p: compareMeans(ours.map(of), theirs.map(of)) },
    { what: `${name} (distributions)`, p: compareDistributions(ours.map(of), theirs.map(of)) },
  ])
}

/**
 * 200 episodes under random actions, seeds fixed. Each quantity is one number an episode, so that samples are
 * independent. All comparisons of an environment together are wrong with a probability of at most 0.01: each is
 * tested at that level divided by their number (Bonferroni).
 */
describe('the same distributions', () => {
  const LEVEL = 0.01
  const least = (comparisons: { p: number }[]) => Math.min(...comparisons.map(({ p }) => p))

  test.each([...ids, 'LunarLander-v3'])('%s', async id => {
    const theirs = runPython<Summary[]>('box2d_oracle.py', 'summary', id, 200, 1)
    const comparisons = compare(await runEpisodes(await makeEnv(id), 200, 1), await theirs)
    const bound = LEVEL / comparisons.length
    expect(comparisons.filter(({ p }) => p < bound)).toEqual([])
    console.log(
      `${id}: least p of ${comparisons.length} is ${least(comparisons).toExponential(1)}, bound ${bound}`,
    )
  })

  test('a change of gravity by a tenth is found', async () => {
    const theirs = runPython<Summary[]>('box2d_oracle.py', 'summary', ids[0], 200, 1)
    const heavier = timeLimit(await createLunarLander({ gravity: -11 }), 1000)
    const comparisons = compare(await runEpisodes(heavier, 200, 1), await theirs)
    expect(least(comparisons)).toBeLessThan(LEVEL / comparisons.length)
  })
})
