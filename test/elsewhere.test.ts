import { describe, expect, test } from 'vitest'
import { optionElsewhere } from '../src/elsewhere.ts'
import { learningRateSchema, parseSettings, trainingSchema } from '../src/run/settings.ts'
import { sacOptionsSchema } from '../src/sac/options.ts'
import { parseSacOptions } from '../src/sac/parse-options.ts'

const known = [sacOptionsSchema, trainingSchema, learningRateSchema].flatMap(schema =>
  Object.keys(schema.shape),
)

describe('options that other implementations call otherwise', () => {
  test.each([
    ['--ent-coef', 'temperature'],
    ['--alpha', 'temperature'],
    ['--gradient-steps', 'updatesPerStep'],
    ['--train-freq', 'updatesPerStep'],
    ['--net-arch', 'hiddenSizes'],
    ['--num-envs', 'envs'],
    ['--total-timesteps', 'steps'],
    ['--total_timesteps', 'steps'],
    ['-n', 'steps'],
    ['--learning_starts', 'learningStarts'],
    ['--start_steps', 'learningStarts'],
    ['--lr', 'learningRate'],
    ['--policy-lr', 'actorLearningRate'],
    ['--q-lr', 'criticLearningRate'],
    ['--replay_size', 'bufferSize'],
    ['--polyak', 'tau'],
    ['--policy-frequency', 'policyDelay'],
    ['--target-network-frequency', 'targetUpdateInterval'],
    ['--n-sampled-goal', 'hindsightGoals'],
    ['--goal_selection_strategy', 'hindsight'],
    ['--prioritized_replay_beta0', 'priorityBeta'],
    ['--use-per', 'prioritizedReplay'],
    ['--use_sde', 'stateDependentNoise'],
    ['--sde_sample_freq', 'stateDependentNoiseSteps'],
    ['--eval-freq', 'evaluateEvery'],
    ['--max_ep_len', 'timeLimit'],
  ])('%s is %s', (flag, name) => {
    expect(optionElsewhere(flag, known)?.name).toBe(name)
  })

  test.each(['--constructor', '--__proto__', '--nonsense'])('%s is nothing', flag => {
    expect(optionElsewhere(flag, known)).toBeUndefined()
  })

  test('in a config file and in a program', () => {
    expect(() => parseSettings({ environment: 'Pendulum-v1', steps: 1, total_timesteps: 5 })).toThrow(
      'There is no option total_timesteps; did you mean steps?',
    )
    expect(() => parseSacOptions({ polyak: 0.995 } as never)).toThrow(
      'There is no option polyak; did you mean tau? Note: it is 1 - polyak.',
    )
  })
})

describe('learningRate', () => {
  const rates = (settings: object) => {
    const { options } = parseSettings({ environment: 'Pendulum-v1', steps: 1, ...settings })
    return [options.actorLearningRate, options.criticLearningRate, options.temperatureLearningRate]
  }

  test('is all three, except for those that are named', () => {
    expect(rates({ learningRate: 1e-3 })).toEqual([1e-3, 1e-3, 1e-3])
    expect(rates({ learningRate: 1e-3, criticLearningRate: 2e-3 })).toEqual([1e-3, 2e-3, 1e-3])
    expect(rates({})).toEqual([3e-4, 3e-4, 3e-4])
    expect(rates({ algorithm: 'td3', learningRate: 1e-3 })).toEqual([1e-3, 1e-3, undefined])
  })

  test.each([0, -1, '1e-3', null])('%j is refused under its own name', learningRate => {
    expect(() => rates({ learningRate })).toThrow(/^Option learningRate is .*; it must be a number above 0/)
  })
})
