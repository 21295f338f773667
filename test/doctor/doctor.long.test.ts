import { describe, expect, test } from 'vitest'
import { diagnose, patientOf } from '../../src/doctor/diagnose.ts'
import { createDoctor, type Examination } from '../../src/doctor/doctor.ts'
import { createVitals } from '../../src/doctor/vitals.ts'
import { discrete } from '../../src/env/discrete.ts'
import type { Env, StepResult } from '../../src/env/env.ts'
import { box } from '../../src/env/spaces.ts'
import { timeLimit } from '../../src/env/wrappers.ts'
import { createPendulum } from '../../src/envs/pendulum.ts'
import { SAC } from '../../src/sac/agent.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'
import { train } from '../../src/training/train.ts'

const small: SacOptionsInput = {
  hiddenSizes: [16],
  batchSize: 16,
  learningStarts: 100,
  gamma: 0.9,
  actorLearningRate: 3e-3,
  criticLearningRate: 3e-3,
  temperatureLearningRate: 3e-3,
}

/** A point that is pushed about within [-1, 1]. */
function point(answer: (position: number, action: number, step: number) => Partial<StepResult>): Env {
  let position = 0
  let step = 0
  const defaults = { terminated: false, truncated: false }
  return {
    observationSpace: box({ low: -1, high: 1 }),
    actionSpace: box({ low: -1, high: 1 }),
    reset() {
      position = 0.5
      step = 0
      return { observation: [position] }
    },
    step([action]) {
      position = Math.max(-1, Math.min(1, position + 0.1 * action))
      step++
      return {
        observation: [position],
        reward: -Math.abs(position),
        ...defaults,
        ...answer(position, action, step),
      }
    },
  }
}

/** What all examined agents have, it does not. */
const td3: SacOptionsInput = { algorithm: 'td3', temperatureLearningRate: undefined }

const healthyPoint = () =>
  timeLimit(
    point(() => ({})),
    50,
  )

async function examine(env: Env, options: SacOptionsInput = {}, steps = 4200): Promise<Examination[]> {
  const agent = await SAC.create(env, { ...small, ...options })
  const doctor = createDoctor(agent, { every: 1000 })
  const examinations: Examination[] = []
  for await (const event of train(agent, env, { steps })) {
    const examination = doctor(event)
    if (examination) examinations.push(examination)
  }
  return examinations
}

const kinds = (examinations: Examination[]) => [
  ...new Set(examinations.flatMap(({ diagnoses }) => diagnoses.map(({ kind }) => kind))),
]

describe('nothing is wrong with', () => {
  test.each<[string, () => Env, SacOptionsInput]>([
    ['a point led to the middle', healthyPoint, {}],
    [
      'a pendulum',
      () => timeLimit(createPendulum(), 200),
      { gamma: 0.98, hiddenSizes: [32, 32], batchSize: 32 },
    ],
  ])('%s', async (_, env, options) => {
    const examinations = await examine(env(), options)
    expect(examinations.map(({ vitals }) => vitals.step)).toEqual([1000, 2000, 3000, 4000, 4200])
    expect(kinds(examinations)).toEqual([])
  })
})

describe('the doctor recognises', () => {
  test('saturated actions', async () => {
    const env = timeLimit(
      point((_, action) => ({ reward: 100 * action })),
      50,
    )
    expect(kinds(await examine(env, { temperature: 0.001 }))).toEqual(['saturatedActions'])
    const [, found] = (await examine(env, td3)).reverse()
    // Of a policy without a temperature nobody says to let that tune itself.
    expect(found.diagnoses[0].remedy).toMatch(/raise explorationNoise/)
  })

  test.each<SacOptionsInput>([td3, { algorithm: 'crossq', criticHiddenSizes: 'same' }])(
    'nothing is wrong with a healthy %o',
    async member => {
      expect(kinds(await examine(healthyPoint(), member, 2200))).toEqual([])
    },
  )

  test('a temperature that collapses where nothing is rewarded', async () => {
    const env = timeLimit(
      point(position => ({ reward: position > 0.99 ? 1e-7 : 0 })),
      50,
    )
    const fast = { temperatureLearningRate: 0.01 }
    expect(kinds(await examine(env, fast))).toEqual(['temperatureCollapsing'])
    expect(kinds(await examine(healthyPoint(), fast))).toEqual([])
  })

  test('a temperature that explodes after a target out of reach', async () => {
    const [found] = (await examine(healthyPoint(), { targetEntropy: 1 })).at(-1)!.diagnoses
    expect(found).toMatchObject({ kind: 'temperatureExploding' })
    expect(found.remedy).toMatch(/because 1 action has an entropy of at most 0.693/)
    expect(kinds(await examine(healthyPoint(), { targetEntropy: 0.5 }))).toEqual([])
  })

  test('a temperature that explodes where actions are choices', async () => {
    const agent = await SAC.create(
      { observationSpace: box({ low: -1, high: 1 }), actionSpace: discrete(3) },
      { ...small, targetEntropy: 1 },
    )
    const patient = patientOf(agent)
    expect(patient).toMatchObject({ actionSize: 3, discrete: true, targetEntropy: 1, deterministic: false })
    const vitals = { ...createVitals(agent).state().period, ...{ lowestReward: -1, highestReward: 1 } }
    const [found] = diagnose(
      [{ ...vitals, temperature: 1e5, entropy: 0.4, observationScales: [1] }],
      patient,
    ).filter(({ kind }) => kind === 'temperatureExploding')
    expect(found.remedy).toMatch(/'auto' is 0.98 times the logarithm of the number of actions/)
    const [beyond] = diagnose([{ ...vitals, temperature: 1e5, entropy: 0.4, observationScales: [1] }], {
      ...patient,
      targetEntropy: 1.2,
    }).filter(({ kind }) => kind === 'temperatureExploding')
    expect(beyond.remedy).toMatch(
      /a choice among 3 actions has an entropy of at most 1.1: .* by default it is 1.08/,
    )
  })

  test('critics that diverge', async () => {
    const options = { gamma: 0.99, temperature: 0.001, rewardScale: 0.01 }
    const wild = { ...options, tau: 1, criticLearningRate: 0.3 }
    const found = (await examine(healthyPoint(), wild)).flatMap(({ diagnoses }) => diagnoses)
    expect(found.map(({ kind }) => kind)).toContain('impossibleQ')
    expect(found.find(({ kind }) => kind === 'impossibleQ')!.problem).toMatch(/between -1 and -\d/)
    expect(kinds(await examine(healthyPoint(), options))).toEqual([])
  })

  test('rewards that never change, unless episodes end early', async () => {
    expect(
      kinds(
        await examine(
          timeLimit(
            point(() => ({ reward: 2 })),
            50,
          ),
        ),
      ),
    ).toEqual(['constantRewards'])
    const survive = timeLimit(
      point(position => ({ reward: 1, terminated: position < 0 })),
      50,
    )
    expect(kinds(await examine(survive))).toEqual([])
  })

  test('observations of very different scale, unless they are normalised', async () => {
    const unequal = () => {
      const env = healthyPoint()
      const wide = (x: number) => [x, 1e5 * x, 0.1 * x]
      return {
        ...env,
        observationSpace: box({ low: -Infinity, high: Infinity, shape: [3] }),
        reset: () => ({ observation: wide(((env.reset() as StepResult).observation as number[])[0]) }),
        step: (action: Float32Array) => {
          const result = env.step(action) as StepResult
          return { ...result, observation: wide(result.observation[0]) }
        },
      }
    }
    const examinations = await examine(unequal(), {}, 1200)
    const found = examinations[0].diagnoses.find(({ kind }) => kind === 'unequalObservations')
    expect(found?.problem).toMatch(
      /^Element 1 of the observations is of the order of \d+, others such as element 0/,
    )
    expect(kinds(await examine(unequal(), { normalizeObservations: true }, 1200))).toEqual([])
  })

  describe('observations', () => {
    /** A point that sees several numbers made of its position. */
    const seeing = (see: (position: number) => number[]): Env => {
      const env = healthyPoint()
      return {
        ...env,
        observationSpace: box({ low: -Infinity, high: Infinity, shape: [see(0).length] }),
        reset: () => ({ observation: see(((env.reset() as StepResult).observation as number[])[0]) }),
        step: (action: Float32Array) => {
          const result = env.step(action) as StepResult
          return { ...result, observation: see(result.observation[0]) }
        },
      }
    }

    test('that are all large, before the first update', async () => {
      const env = seeing(x => [1e12 * x])
      const agent = await SAC.create(env, small)
      const doctor = createDoctor(agent)
      const found: Examination[] = []
      const training = async () => {
        for await (const event of train(agent, env, { steps: 300 })) {
          const examination = doctor(event)
          if (examination) found.push(examination)
        }
      }
      await expect(training()).rejects.toThrow(/normalizeObservations/)
      expect(agent.updates).toBe(0)
      expect(found.map(({ vitals }) => vitals.step)).toEqual([100])
      expect(found[0].fresh).toMatchObject([{ kind: 'largeObservations' }])
      expect(found[0].fresh[0].problem).toMatch(/element 0 of the order of \d(\.\d+)?e\+11/)
      expect(kinds(await examine(env, { normalizeObservations: true }, 1200))).toEqual([])
    })

    test('of which one never changes and is large', async () => {
      const examinations = await examine(
        seeing(x => [x, 50]),
        {},
        1200,
      )
      const found = examinations[0].diagnoses.find(({ kind }) => kind === 'constantObservations')
      expect(found?.problem).toMatch(/^Element 1 of the observations never changes and is of the order of 50/)
      expect(
        kinds(
          await examine(
            seeing(x => [x, 5]),
            {},
            1200,
          ),
        ),
      ).toEqual([])
    })

    test('that never change at all', async () => {
      const examinations = await examine(
        seeing(() => [0, 0.5]),
        {},
        1200,
      )
      expect(examinations[0].diagnoses).toMatchObject([{ kind: 'constantObservations' }])
      expect(examinations[0].diagnoses[0].problem).toMatch(/^No element of the observations ever changes/)
    })
  })

  test('episodes that never end', async () => {
    const endless = point(() => ({}))
    const examinations = await examine(endless, { learningStarts: 5000 }, 1500)
    expect(examinations.map(({ diagnoses }) => diagnoses)).toMatchObject([
      [{ kind: 'episodesWithoutEnd', problem: expect.stringContaining('in 1000 steps') }],
      [{ kind: 'episodesWithoutEnd', remedy: expect.stringContaining('--time-limit 1000') }],
    ])
    const long = timeLimit(
      point(() => ({})),
      1000,
    )
    expect(kinds(await examine(long, { learningStarts: 5000 }, 1500))).toEqual([])
  })

  test('terminations that look like time limits', async () => {
    const env = (length: (episode: number) => number) => {
      let episode = 0
      return point((_p, _a, step) => {
        const terminated = step >= length(episode)
        if (terminated) episode++
        return { terminated }
      })
    }
    const [first] = await examine(env(() => 40))
    expect(first.diagnoses.map(({ kind }) => kind)).toEqual(['terminationsLikeTimeLimits'])
    expect(first.diagnoses[0].problem).toMatch(/terminated after exactly 40 steps/)
    expect(kinds(await examine(env(episode => 40 + (episode % 2))))).toEqual([])
  })

  test('updates that are left out', async () => {
    for (const every of [1, 2]) {
      const env = healthyPoint()
      const agent = await SAC.create(env, small)
      const doctor = createDoctor(agent, { every: 1500 })
      const examinations: Examination[] = []
      let { observation } = await env.reset()
      // A loop that makes only one in `every` of the updates that are due.
      for (let step = 1; step <= 3200; step++) {
        const action = agent.explore(observation)
        const result = (await env.step(action)) as StepResult
        const due = agent.observe({ ...result, observation, action, nextObservation: result.observation })
        const { reward, terminated, truncated } = result
        const examination = doctor({ type: 'step', step, environment: 0, reward, terminated, truncated })
        if (examination) examinations.push(examination)
        if (due > 0 && step % every === 0) {
          doctor({ type: 'update', step, update: agent.updates, metrics: await agent.update() })
        }
        observation = truncated ? (await env.reset()).observation : result.observation
      }
      expect(kinds(examinations)).toEqual(every === 1 ? [] : ['updateRatio'])
    }
  })
})

test('a diagnosis is fresh once, until it has gone', async () => {
  const examinations = await examine(
    timeLimit(
      point(() => ({ reward: 2 })),
      50,
    ),
  )
  expect(examinations.map(({ fresh }) => fresh.length)).toEqual([1, 0, 0, 0, 0])
  expect(examinations.map(({ diagnoses }) => diagnoses.length)).toEqual([1, 1, 1, 1, 1])
})

test('watching changes nothing', async () => {
  const weights = async (watched: boolean) => {
    const env = healthyPoint()
    const agent = await SAC.create(env, small)
    const doctor = createDoctor(agent, { every: 100 })
    for await (const event of train(agent, env, { steps: 500 })) if (watched) doctor(event)
    return agent.state()
  }
  expect(await weights(true)).toEqual(await weights(false))
})
