import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeSafetensors, encodeSafetensors } from '../../src/encoding/safetensors.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { loadRun } from '../../src/run/load-run.ts'
import { saveAgent } from '../../src/run/run-directory.ts'
import { SAC } from '../../src/sac/agent.ts'
import { runSac } from './sac-process.ts'

const fixtures = join(import.meta.dirname, '../import/stable-baselines3')
const model = join(fixtures, 'pendulum.zip')

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sac-'))
  const agent = await SAC.create(await makeEnv('Pendulum-v1'), {
    hiddenSizes: [4],
    normalizeObservations: true,
  })
  mkdirSync(join(folder, 'run'))
  saveAgent(join(folder, 'run'), agent)
  mkdirSync(join(folder, 'old'))
  writeFileSync(
    join(folder, 'old/parameters.safetensors'),
    encodeSafetensors(agent.parameters(), { steps: '1' }),
  )
  writeFileSync(join(folder, 'cut.zip'), readFileSync(model).subarray(0, 9000))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sac = (args: string) => runSac(args, { cwd: folder })

describe('sac export', () => {
  test.each([
    ['js', ['policy.js', 'policy.d.ts']],
    ['safetensors', ['policy.safetensors']],
    ['onnx', ['policy.onnx']],
    ['onnx --stochastic', ['policy-stochastic.onnx']],
  ])('--format %s writes into the directory of the run and says so', async (format, files) => {
    const paths = files.map(file => `run/${file}`)
    expect(await sac(`export run --format ${format}`)).toEqual({
      code: 0,
      stderr: '',
      stdout: `${paths.join('\n')}\n`,
    })
    for (const path of paths) expect(existsSync(join(folder, path))).toBe(true)
  })

  test('--out makes the folders it names, and types for the kind of module', async () => {
    expect(await sac('export run --format js --out web/game/pilot.mjs')).toMatchObject({ code: 0 })
    expect(readdirSync(join(folder, 'web/game')).sort()).toEqual(['pilot.d.mts', 'pilot.mjs'])
  })

  test.each([
    ['export run', "required option '--format <format>'"],
    ['export run --format tflite', 'Allowed choices are onnx, js, safetensors'],
    ['export nowhere --format js', 'There is no complete run in nowhere: it has no parameters.safetensors.'],
    [
      'export old --format js',
      'old/parameters.safetensors cannot be used: The file does not say what policy it holds',
    ],
    ['export run --format js --stochastic', 'its function act takes noise anyway'],
    ['export run --format js --out policy.txt', 'must be a name that ends in .js or .mjs'],
    ['export run --format onnx --out run', 'a directory; it must be a file'],
    ['import cut.zip --environment Pendulum-v1', 'cut.zip cannot be imported'],
    ['import none.zip --environment Pendulum-v1', 'none.zip cannot be read'],
    [`import ${model} --environment Pendulum-v1 --vec-normalize none.pkl`, 'none.pkl cannot be read'],
    [
      `import ${model} --environment Pendulum-v1 --vec-normalize ${model}`,
      'pendulum.zip cannot be imported: The file of VecNormalize is not a pickle',
    ],
    [`import ${model}`, "required option '--environment <id>'"],
    [`import ${model} --environment Pendulum-v2`, "did you mean 'Pendulum-v1'?"],
    [`import ${model} --environment Pendulum-v1 --out run`, 'is not empty'],
    [
      `import ${model} --environment MountainCarContinuous-v0`,
      'has 3 observations and 1 action, but MountainCarContinuous-v0 has 2 observations and 1 action',
    ],
  ])('sac %s: one sentence and exit code 2', async (args, message) => {
    const { code, stdout, stderr } = await sac(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(existsSync(join(folder, 'runs'))).toBe(false)
  })
})

test('sac import makes a run that evaluates, exports, and says where it comes from', async () => {
  const { code, stdout } = await sac(`import ${model} --environment Pendulum-v1 --out imported`)
  expect(code).toBe(0)
  expect(stdout).toContain(
    'An agent of Stable-Baselines3 2.4.1 (sac), 300 steps and 250 updates; saved in imported',
  )
  const { settings, steps } = loadRun(join(folder, 'imported'))
  expect(steps).toBe(300)
  expect(settings.options).toMatchObject({ hiddenSizes: [8, 6], activation: 'tanh', gamma: 0.98 })
  expect(readFileSync(join(folder, 'imported/config.json'), 'utf8')).toContain(
    'Stable-Baselines3 2.4.1, imported',
  )
  expect((await sac('eval imported --episodes 1')).stdout).toContain('after 300 steps of training')
  expect(await sac('export imported --format js')).toMatchObject({ code: 0 })
})

test.each(['td3', 'ddpg', 'tqc'])('sac import of %s makes a run whose optimisers begin anew', async name => {
  const out = `imported-${name}`
  const path = join(fixtures, `${name}.zip`)
  const { code, stdout } = await sac(`import ${path} --environment Pendulum-v1 --out ${out}`)
  expect(code).toBe(0)
  expect(stdout).toContain(`An agent of Stable-Baselines3 2.4.1 (${name}), 210 steps`)
  const { settings } = loadRun(join(folder, out))
  expect(settings.options.algorithm).toBe(name)
  // Adam would take its empty moments for those of as many updates, and make steps three times too long.
  const { metadata } = decodeSafetensors(readFileSync(join(folder, out, 'parameters.safetensors')))
  expect(metadata.updates).toBe('0')
  expect((await sac(`eval ${out} --episodes 1`)).stdout).toContain('after 210 steps of training')
})

describe('sac import finds the file of VecNormalize', () => {
  const statistics = () => readFileSync(join(fixtures, 'vec_normalize.pkl'))
  const optionsOf = (run: string) => loadRun(join(folder, run)).settings.options
  beforeAll(() => {
    for (const name of ['beside', 'checkpoints', 'others', 'wrong']) mkdirSync(join(folder, name))
    copyFileSync(model, join(folder, 'beside/model.zip'))
    writeFileSync(join(folder, 'beside/vecnormalize.pkl'), statistics())
    copyFileSync(model, join(folder, 'checkpoints/rl_model_300_steps.zip'))
    writeFileSync(join(folder, 'checkpoints/vec_normalize.pkl'), 'not this one')
    writeFileSync(join(folder, 'checkpoints/rl_model_vecnormalize_200_steps.pkl'), 'not this one')
    writeFileSync(join(folder, 'checkpoints/rl_model_vecnormalize_300_steps.pkl'), statistics())
    copyFileSync(model, join(folder, 'wrong/model.zip'))
    writeFileSync(join(folder, 'wrong/vec_normalize.pkl'), 'not a pickle')
    copyFileSync(model, join(folder, 'others/model.zip'))
    writeFileSync(join(folder, 'others/other_vecnormalize.pkl'), statistics())
  })

  test.each([
    ['beside/model.zip', 'beside/vecnormalize.pkl'],
    ['checkpoints/rl_model_300_steps.zip', 'checkpoints/rl_model_vecnormalize_300_steps.pkl'],
  ])('of %s', async (file, found) => {
    const out = `${file}-run`
    const { code, stdout } = await sac(`import ${file} --environment Pendulum-v1 --out ${out}`)
    expect(code).toBe(0)
    expect(stdout).toContain(
      `note: It uses the statistics of VecNormalize in its folder. --no-vec-normalize leaves ${found} out.`,
    )
    expect(optionsOf(out)).toMatchObject({ normalizeObservations: true })
    expect(await sac(`eval ${out} --episodes 1`)).toMatchObject({ code: 0 })
  })

  test('and says how to leave it out where it does not fit', async () => {
    const { code, stderr } = await sac('import wrong/model.zip --environment Pendulum-v1 --out wrong-run')
    expect(code).toBe(2)
    expect(stderr).toContain(
      'wrong/model.zip with wrong/vec_normalize.pkl cannot be imported: The file of VecNormalize',
    )
    expect(stderr).toContain('--no-vec-normalize leaves wrong/vec_normalize.pkl out.')
    expect(existsSync(join(folder, 'wrong-run'))).toBe(false)
  })

  test('and leaves it out, says which there are, or takes the one that is named', async () => {
    const without = await sac(
      `import beside/model.zip --environment Pendulum-v1 --no-vec-normalize --out without`,
    )
    expect(without).toMatchObject({ code: 0, stderr: '' })
    expect(without.stdout).not.toContain('note:')
    expect(optionsOf('without')).toMatchObject({ normalizeObservations: false })
    const asks = await sac('import others/model.zip --environment Pendulum-v1 --out asks')
    expect(asks.stdout).toContain(
      'note: Its folder contains other_vecnormalize.pkl; if the agent was trained with it',
    )
    expect(optionsOf('asks')).toMatchObject({ normalizeObservations: false })
    const named = await sac(
      'import others/model.zip --environment Pendulum-v1 --vec-normalize others/other_vecnormalize.pkl --out named',
    )
    expect(named).toMatchObject({ code: 0 })
    expect(optionsOf('named')).toMatchObject({ normalizeObservations: true })
  })
})
