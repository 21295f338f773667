import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { requireTrust } from '../../src/cli/environments/require-trust.ts'
import { runSac } from './sac-process.ts'

const SHORT = '--steps 60 --learning-starts 20 --hidden-sizes 4 --batch-size 4 --evaluation-episodes 1'
/** Leaves a file where it is executed. */
const ENVIRONMENT = `
  import { appendFileSync } from 'node:fs'
  import { box } from 'soft-actor-critic'
  appendFileSync(process.env.EXECUTED, 'executed')
  export default () => ({
    observationSpace: box({ low: -1, high: 1 }),
    actionSpace: box({ low: -1, high: 1 }),
    reset: () => ({ observation: [0] }),
    step: () => ({ observation: [0], reward: 0, terminated: true, truncated: false }),
    scene: () => ({ dimensions: 2, timeStep: 0.1, view: { x: [0, 1], y: [0, 1] }, background: '#ffffff', shapes: [] }),
  })`

let folder: string
let executed: string
let foreign: string

const sac = (args: string, cwd = folder) => runSac(args, { cwd, env: { EXECUTED: executed } })
const wasExecuted = () => existsSync(executed)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'trust-'))
  executed = join(folder, 'executed')
  mkdirSync(join(folder, 'made'))
  writeFileSync(join(folder, 'made/env.ts'), ENVIRONMENT)
  expect(await sac(`train made/env.ts ${SHORT} --out made/run`)).toMatchObject({ code: 0, stderr: '' })
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let number = 0
beforeEach(() => {
  // As if it came out of an archive.
  foreign = `foreign${++number}`
  cpSync(join(folder, 'made'), join(folder, foreign), { recursive: true })
  rmSync(executed, { force: true })
})

const commands = (directory: string) => [
  `eval ${directory} --episodes 1`,
  `resume ${directory} --steps 80`,
  `record ${directory} --max-steps 1 --out ${directory}.png`,
  `train --config ${directory}/config.json ${SHORT} --out ${directory}-again`,
]

test('a run that was made here is used without a question, whatever its directory is called', async () => {
  for (const command of commands('./made/../made/run')) {
    expect(await sac(command)).toMatchObject({ code: 0, stderr: '' })
  }
})

test.each([0, 1, 2, 3])('the environment file of another run is not executed: command %i', async i => {
  const { code, stdout, stderr } = await sac(commands(`${foreign}/run`)[i])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(
    `was not made here, and this command would execute the file ${join(folder, foreign, 'env.ts')}. If you trust it, add --trust`,
  )
  expect(wasExecuted()).toBe(false)
})

test('--trust executes it, and is remembered for this directory alone', async () => {
  const [evaluate, resume] = commands(`${foreign}/run`)
  expect(await sac(`${evaluate} --trust`)).toMatchObject({ code: 0 })
  expect(wasExecuted()).toBe(true)
  expect(await sac(resume)).toMatchObject({ code: 0, stderr: '' })
  cpSync(join(folder, foreign), join(folder, `${foreign}-copy`), { recursive: true })
  expect(await sac(`eval ${foreign}-copy/run`)).toMatchObject({ code: 2 })
})

test('another file, or another run in the same place, is asked about again', async () => {
  const config = join(folder, foreign, 'run/config.json')
  const change = (name: string, value: string) =>
    writeFileSync(
      config,
      readFileSync(config, 'utf8').replace(new RegExp(`("${name}": )".*?"`), `$1"${value}"`),
    )
  expect(await sac(`eval ${foreign}/run --episodes 1 --trust`)).toMatchObject({ code: 0 })
  change('environment', '../other.ts')
  expect((await sac(`eval ${foreign}/run --episodes 1`)).stderr).toContain('other.ts. If you trust it')
  change('environment', '../env.ts')
  expect(await sac(`eval ${foreign}/run --episodes 1`)).toMatchObject({ code: 0 })
  change('startedAt', '2020-01-01T00:00:00.000Z')
  expect(await sac(`eval ${foreign}/run --episodes 1`)).toMatchObject({ code: 2 })
})

test.each([
  ['the program', { environment: 'gymnasium:Some-v1', environmentOptions: { python: './python' } }],
  ['the Python module evil', { environment: 'gymnasium:evil:Some-v1', environmentOptions: {} }],
])('%s that a run names is not executed', async (what, settings) => {
  const run = join(folder, foreign, 'run')
  const config = JSON.parse(readFileSync(join(run, 'config.json'), 'utf8'))
  writeFileSync(join(run, 'config.json'), JSON.stringify({ ...config, ...settings }))
  writeFileSync(join(run, 'python'), '#!/bin/sh\ntouch "$EXECUTED"\n', { mode: 0o755 })
  const { code, stderr } = await sac(`eval ${foreign}/run`)
  expect({ code, refused: stderr.includes(`would execute ${what}`) }).toEqual({ code: 2, refused: true })
  expect(wasExecuted()).toBe(false)
})

test('Python modules are not taken out of a foreign run that is the working directory', async () => {
  const run = join(folder, foreign, 'run')
  const config = JSON.parse(readFileSync(join(run, 'config.json'), 'utf8'))
  writeFileSync(join(run, 'config.json'), JSON.stringify({ ...config, environment: 'gymnasium:Some-v1' }))
  expect((await sac('eval .', run)).stderr).toContain(`would execute Python modules in ${run}`)
  expect((await sac('eval .', join(run, 'checkpoints/..'))).code).toBe(2)
})

describe('in a terminal', () => {
  async function answer(text: string | undefined) {
    const input = Object.assign(new PassThrough(), { isTTY: true })
    const output = Object.assign(new PassThrough(), { isTTY: true })
    if (text === undefined) input.end()
    else input.write(text)
    const named = { environment: join(folder, foreign, 'en\u001b[31mv.ts'), environmentOptions: {} }
    const outcome = await requireTrust(join(folder, foreign, 'run'), named, false, { input, output }).then(
      () => 'goes on',
      (error: Error) => error.message,
    )
    return { outcome, shown: String(output.read()) }
  }

  test.each(['n\n', '\n', 'yess\n', undefined])('%j is no agreement', async text => {
    expect((await answer(text)).outcome).toContain('Nothing of')
  })

  test('yes is remembered; what would be executed is shown, without obeying it', async () => {
    const first = await answer('y\n')
    expect(first.outcome).toBe('goes on')
    expect(first.shown).toContain('en\\u{1b}[31mv.ts. Execute it? [y/N]')
    expect(await answer(undefined)).toEqual({ outcome: 'goes on', shown: 'null' })
  })
})

test('where nothing can be remembered, training goes on and says so', async () => {
  const env = { EXECUTED: executed, XDG_STATE_HOME: join(folder, 'made/env.ts') }
  const { code, stdout } = await runSac(`train made/env.ts ${SHORT} --out ${foreign}/new`, {
    cwd: folder,
    env,
  })
  expect(code).toBe(0)
  expect(stdout).toMatch(/note: it cannot be remembered that \S+ is to be trusted/)
})
