import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readConfigFile } from '../../src/cli/config-file.ts'
import type { ResetResult } from '../../src/env/env.ts'
import {
  environmentName,
  isModulePath,
  relativeEnvironment,
  resolvePaths,
} from '../../src/run/environment-path.ts'
import { environmentsOf } from '../../src/run/environments/environment.ts'
import { beginRun, loadSettings, parseSettings, trainRun } from '../../src/run/index.ts'
import { UsageError } from '../../src/run/usage-error.ts'
import { runSac } from './sac-process.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'own-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Writes a file below the folder and returns its path. */
function file(name: string, text: string): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}

const make = (environment: string, environmentOptions = {}, count = 1) =>
  environmentsOf({ environment, environmentOptions }, count)

/** Counts its resets in a variable of the module; `start` is where an episode begins. */
const members = (start: string) => `
  observationSpace: box({ low: -1000, high: 1000 }),
  actionSpace: box({ low: -1, high: 1 }),
  reset: () => ({ observation: [${start} + resets++] }),
  step: ([push]) => ({ observation: [0], reward: -(push ** 2), terminated: true, truncated: false })`
const head = "import { box } from 'soft-actor-critic'\nlet resets = 0\n"

const firstObservation = async (environment: string, options?: object) => {
  const [env] = await make(environment, options)
  return ((await env.reset()) as ResetResult).observation[0]
}

test('a path in a program is relative to the working directory, and its run finds the file again', async () => {
  const path = file('relative.mjs', `${head}export default () => ({ ${members('4')} })`)
  const named = relative(process.cwd(), path)
  expect(await firstObservation(named.startsWith('.') ? named : `./${named}`)).toBe(4)
  const settings = parseSettings({ environment: named, steps: 3, hiddenSizes: [4], learningStarts: 1 })
  const directory = join(folder, 'deep/relative-run')
  const run = await beginRun({ settings, envs: await environmentsOf(settings, 1), place: { out: directory } })
  for await (const _ of trainRun(run)) if (run.agent.steps === 2) break
  await run.close()
  expect(loadSettings(directory).environment).toBe(path)
})

describe('a module may export', () => {
  test.each([
    ['an object', 'object.ts', `export default { ${members('7')} }`, 7],
    ['a function', 'function.mjs', `export default () => ({ ${members('7')} })`, 7],
    [
      'a function of options, in TypeScript',
      'options.mts',
      `export default ({ start = 1 }: { start?: number }) => ({ ${members('start')} })`,
      5,
    ],
    [
      'an async function under a name of its own, beside other things',
      'named.js',
      `export const limit = 3\nexport const tank = async ({ start }) => ({ ${members('start')} })`,
      5,
    ],
    [
      'a class',
      'class.js',
      `export default class Tank {
        #start
        observationSpace = box({ low: -10, high: 10 })
        actionSpace = box({ low: -1, high: 1 })
        constructor({ start }) { this.#start = start }
        reset() { return { observation: [this.#start] } }
        step() { return { observation: [0], reward: 0, terminated: true, truncated: false } }
      }`,
      5,
    ],
  ])('%s', async (_, name, code, start) => {
    // As npm init writes it: Node itself would not take `export` in a .js file here.
    file('package.json', '{ "type": "commonjs" }')
    expect(await firstObservation(file(name, head + code), start === 5 ? { start } : {})).toBe(start)
  })

  test('in the manner of CommonJS', async () => {
    const code = `const { box } = require('soft-actor-critic')\nlet resets = 0\nmodule.exports = () => ({ ${members('2')} })`
    expect(await firstObservation(file('common.js', code))).toBe(2)
  })

  test('one of several, asked for by name', async () => {
    const code = ['a', 'b'].map((name, i) => `export const ${name} = () => ({ ${members(String(i))} })`)
    const path = file('two.ts', head + code.join('\n'))
    expect(await firstObservation(`${path}#b`)).toBe(1)
    await expect(make(path)).rejects.toThrow(
      /several functions or environments \(a, b\): name one, as in .*two\.ts#a/,
    )
    await expect(make(`${path}#c`)).rejects.toThrow(/has no export c: it exports a, b\./)
  })

  test('something that keeps its state in variables of the module: each environment has its own', async () => {
    const helper = `let count = 0\nexport const counted = () => count++`
    file('helper.ts', helper)
    const code = `import { counted } from './helper'\n${head}export default { ${members('10 * counted()')} }`
    const envs = await make(file('shared.ts', code), {}, 2)
    const starts = envs.flatMap(env => [env, env]).map(env => (env.reset() as ResetResult).observation[0])
    expect(starts).toEqual([0, 11, 0, 11])
  })
})

describe('what is wrong with a module is said in one sentence', () => {
  test.each([
    [
      'a syntax error',
      'export default () => {\n  return 3 +* 4\n}',
      /cannot be read: Unexpected token \(env\.ts, line 2, column 12\)/,
    ],
    [
      'a failing import',
      "import { x } from './nothing'\nexport default x",
      /Cannot find module '\.\/nothing' \(env\.ts, line 1\)/,
    ],
    [
      'a failure while it runs',
      '\nnull.x',
      /TypeError: Cannot read properties of null \(reading 'x'\) \(env\.ts, line 2\)/,
    ],
    [
      'a failing function',
      'export default () => {\n  throw new Error("no power")\n}',
      /failed to make its environment: no power \(env\.ts, line 2\)/,
    ],
    ['nothing exported', 'const env = 1', /exports no environment: write "export default"/],
    ['a number exported', 'export default 3', /its default export gives 3; it must return the environment/],
    ['a function without return', 'export default () => { ({}) }', /its default export gives undefined/],
    [
      'no environment',
      'export default () => ({ reset() {} })',
      /the environment has no method step\(\); observationSpace is not a box/,
    ],
  ])('%s', async (_, code, message) => {
    const path = file('env.ts', code)
    await expect(make(path)).rejects.toThrow(UsageError)
    await expect(make(path)).rejects.toThrow(message)
    await expect(make(path)).rejects.toThrow(path)
    await expect(make(path)).rejects.not.toThrow('\n')
  })

  test('options for an object', async () => {
    const path = file('object.ts', `${head}export default { ${members('0')} }`)
    await expect(make(path, { start: 3 })).rejects.toThrow(/is an object, which takes no options/)
  })

  test.each([
    ['nothing.ts', /nothing\.ts cannot be read: there is no such file/],
    ['nothing.py', /must be a file whose name ends in one of \.js, \.mjs, \.ts, \.mts/],
  ])('%s', async (name, message) => {
    await expect(make(join(folder, name))).rejects.toThrow(message)
  })

  test('an id that might have been meant as a file', async () => {
    await expect(make('my-env')).rejects.toThrow(
      /no environment 'my-env'. .* Name one of your own by its file, as in \.\/my-env\.ts/,
    )
  })
})

describe('names and paths', () => {
  test.each([
    ['Pendulum-v1', false, 'Pendulum-v1'],
    ['gymnasium:my/module:Env-v0', false, 'gymnasium:my/module:Env-v0'],
    ['my-env.ts', true, 'my-env'],
    ['./envs/tank.v2.mjs#level', true, 'tank.v2#level'],
    ['/a/b.js', true, 'b'],
    ['envs/tank', true, 'tank'],
  ])('%s', (environment, isPath, name) => {
    expect(isModulePath(environment)).toBe(isPath)
    expect(environmentName(environment)).toBe(name)
    const { environment: absolute } = resolvePaths({ environment }, '/home/me/project')
    if (!isPath) expect(absolute).toBe(environment)
    else expect(absolute).toMatch(/^\//)
    expect(
      resolvePaths(
        { environment: relativeEnvironment(absolute, '/home/me/project/runs/a') },
        '/home/me/project/runs/a',
      ),
    ).toEqual({ environment: absolute })
  })

  test('only a path to Python counts from a folder, and only for Gymnasium', () => {
    const python = (environment: string, python: string) =>
      resolvePaths({ environment, environmentOptions: { python } }, '/base').environmentOptions.python
    expect(python('gymnasium:A-v0', '.venv/bin/python')).toBe('/base/.venv/bin/python')
    expect(python('gymnasium:A-v0', 'python3.12')).toBe('python3.12')
    expect(python('Pendulum-v1', './x')).toBe('./x')
  })

  test('a config file names its environment as seen from its own folder', async () => {
    const path = file('configs/tank.yaml', 'environment: ../tank.ts\nsteps: 3')
    expect(await readConfigFile(path)).toEqual({ environment: join(folder, 'tank.ts'), steps: 3 })
    expect(await readConfigFile(file('none.yaml', 'steps: 3'))).toEqual({ steps: 3 })
  })
})

test('sac train, eval from another folder, also after all has moved, and repetition by config.json', async () => {
  file('project/envs/tank.ts', `${head}export default ({ start = 0 }) => ({ ${members('start')} })`)
  const project = join(folder, 'project')
  const short = '--steps 60 --learning-starts 20 --hidden-sizes 4 --batch-size 4 --evaluation-episodes 2'
  const trained = await runSac(`train ./envs/tank.ts --env-option start=2 ${short}`, { cwd: project })
  expect(trained).toMatchObject({ code: 0, stderr: '' })
  expect(trained.stdout).toContain('tank, 60 steps')
  expect(trained.stdout).toContain('saved in runs/tank-seed0')
  const config = JSON.parse(readFileSync(join(project, 'runs/tank-seed0/config.json'), 'utf8'))
  expect(config).toMatchObject({ environment: '../../envs/tank.ts', environmentOptions: { start: 2 } })

  renameSync(project, join(folder, 'moved'))
  const result = /mean return .*/.exec(trained.stdout)![0]
  const evaluated = await runSac('eval moved/runs/tank-seed0 --episodes 2 --trust', { cwd: folder })
  expect(evaluated).toMatchObject({ code: 0, stderr: '' })
  expect(evaluated.stdout).toContain(`tank after 60 steps of training: ${result}`)
  const again = await runSac('train --config moved/runs/tank-seed0/config.json', { cwd: folder })
  expect(again.stdout).toContain(result)
})

describe('sac check', () => {
  const check = (name: string, code: string) => {
    file(name, head + code)
    return runSac(`check ${name} --steps 50`, { cwd: folder })
  }

  test('a sound environment: exit code 0, and its spaces', async () => {
    const { code, stdout } = await check(
      'sound.ts',
      `export default () => ({ ${members('0')} , reset: () => ({ observation: [0] }) })`,
    )
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout:
        'sound: nothing wrong was found in 50 steps with random actions.\n' +
        '  observation  1 number in [-1000, 1000]\n  action       1 number in [-1, 1]\n',
    })
  })

  test('each finding with what to do about it: exit code 1', async () => {
    const { code, stdout } = await check('wrong.ts', `export default { ${members('NaN')} }`)
    expect(code).toBe(1)
    expect(stdout).toMatch(/^wrong: 1 finding\n\nerror \(training would fail or learn the wrong thing\)\n/)
    expect(stdout).toMatch(/What was seen: reset\(\{ seed \}\) returned observation\[0\] = NaN\./)
    expect(stdout).toMatch(/What to do: {4}every element must be a number that float32 holds/)
  })

  test('what is no environment at all', async () => {
    const { code, stdout } = await check('none.ts', 'export default {}')
    expect(code).toBe(1)
    expect(stdout).toContain('none: 4 findings')
  })

  test('what cannot be loaded: exit code 2', async () => {
    const { code, stderr } = await check('broken.ts', 'export default (')
    expect(code).toBe(2)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })
})
