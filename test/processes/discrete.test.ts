import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeSafetensors } from '../../src/encoding/safetensors.ts'
import { runSac } from './sac-process.ts'

const SHORT =
  '--steps 240 --learning-starts 200 --hidden-sizes 6 --critic-hidden-sizes 6 --batch-size 8 ' +
  '--temperature auto --learning-rate-schedule constant'

/** A lock of two dials: 1 point while both stand on what is observed. */
const LOCK = `import { box, multiDiscrete, timeLimit } from 'soft-actor-critic'

export default function makeLock() {
  let turn = 0
  const look = () => ({ observation: [turn % 2, turn % 3] })
  const env = {
    observationSpace: box({ low: 0, high: 2, shape: [2] }),
    actionSpace: multiDiscrete([2, 3]),
    reset: () => look(),
    step([first, second]) {
      const reward = Number(first === turn % 2 && second === turn % 3)
      turn++
      return { ...look(), reward, terminated: false, truncated: false }
    },
    getState: () => turn,
    setState(state) {
      turn = state
    },
  }
  return timeLimit(env, 20)
}
`

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'discrete-'))
  writeFileSync(join(folder, 'lock.mjs'), LOCK)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sac = (args: string) => runSac(args, { cwd: folder })
const succeeds = async (args: string) => {
  const result = await sac(args)
  expect(result, args).toMatchObject({ code: 0, stderr: '' })
  return result.stdout
}

describe.each([
  ['CartPole-v1', 'cart'],
  ['./lock.mjs', 'lock'],
])('%s', (environment, run) => {
  test('every command takes its runs', async () => {
    const trained = await succeeds(`train ${environment} ${SHORT} --evaluation-episodes 2 --out ${run}`)
    const [, inTraining] = /Evaluation: mean return ([\d.]+)/.exec(trained)!
    expect(await succeeds(`eval ${run} --episodes 2 --seed 0`)).toContain(`mean return ${inTraining}`)
    for (const format of ['js', 'onnx', 'safetensors']) {
      await succeeds(`export ${run} --format ${format} --out ${run}.${format}`)
    }
    await succeeds(`export ${run} --format onnx --stochastic --out ${run}-stochastic.onnx`)
    const { policy, act } = await import(join(folder, `${run}.js`))
    expect(policy).toMatchObject(
      run === 'cart' ? { actionLow: [0], actionHigh: [1] } : { actionLow: [0, 0], actionHigh: [1, 2] },
    )
    expect(act(new Float32Array(policy.observationSize))).toHaveLength(policy.actionSize)
    expect(await succeeds(`show ${run}`)).toContain('mean return')
    for (const command of [`doctor ${run}`, `plot ${run} --out ${run}.svg`, `export-metrics ${run}`]) {
      await succeeds(command)
    }
    const { targetEntropy, entropy, actionSaturation } = JSON.parse(
      readFileSync(join(folder, run, 'metrics.jsonl'), 'utf8')
        .split('\n')
        .findLast(line => line.includes('"train"'))!,
    )
    expect(targetEntropy).toBeGreaterThan(0)
    expect(entropy).toBeGreaterThan(0)
    expect(actionSaturation).toBeUndefined()
  })

  test('a run that was stopped resumes bit for bit', async () => {
    const options = `${SHORT.replace('240', '260')} --evaluation-episodes 1`
    await succeeds(`train ${environment} ${options} --out ${run}-whole`)
    await succeeds(`train ${environment} ${options.replace('260', '230')} --out ${run}-parts`)
    await succeeds(`resume ${run}-parts --steps 260`)
    const [whole, parts] = ['whole', 'parts'].map(name =>
      decodeSafetensors(readFileSync(join(folder, `${run}-${name}`, 'parameters.safetensors'))),
    )
    expect(parts.tensors).toEqual(whole.tensors)
    await succeeds(`compare ${run}-whole ${run}-parts`)
  })

  test('sac check finds nothing wrong and says which choices there are', async () => {
    expect(await succeeds(`check ${environment} --steps 300`)).toMatch(
      run === 'cart' ? /action +one of 2 choices/ : /action +2 choices, of 2, 3 values \(6 combinations\)/,
    )
  })
})

test('a film shows what random choices do, and what a policy does', async () => {
  await succeeds('record CartPole-v1 --max-steps 5 --width 32 --height 32 --out random.gif')
  await succeeds(`train CartPole-v1 ${SHORT} --evaluation-episodes 1 --out film`)
  await succeeds('record film --max-steps 5 --width 32 --height 32 --out policy.gif')
})

test('sac envs lists the environments with choices', async () => {
  const listed = await succeeds('envs')
  for (const id of ['CartPole-v1', 'Acrobot-v1', 'MountainCar-v0', 'LunarLander-v3'])
    expect(listed).toContain(`${id}: `)
  expect(listed).toContain('--env-option suttonBartoReward=...')
})

test('a member without a form for choices is refused in a sentence, before anything is written', async () => {
  const { code, stderr } = await sac('train CartPole-v1 --algorithm td3 --steps 10 --out refused')
  expect(code).toBe(2)
  expect(stderr).toContain('algorithm is "td3", which has no form for discrete actions; sac has one.')
  expect(() => readFileSync(join(folder, 'refused', 'config.json'))).toThrow(/ENOENT/)
  const beyond = await sac('train CartPole-v1 --temperature auto --target-entropy 2 --steps 10 --out refused')
  expect(beyond).toMatchObject({ code: 2 })
  expect(beyond.stderr).toContain(
    'targetEntropy is 2; a choice among 2 actions has an entropy from 0 to log 2',
  )
})
