import { type ChildProcess, spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadRun } from '../../src/run/load-run.ts'
import { summarizeRun } from '../../src/run/reports/run-summary.ts'
import { checkpointsOf } from './run-outcome.ts'
import { runSac, SAC_PROGRAM } from './sac-process.ts'

const SHORT = '--steps 400 --learning-starts 20 --hidden-sizes 4 --batch-size 4 --evaluation-episodes 1'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sac-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const sac = (args: string, during?: (child: ChildProcess, stdout: string) => void) =>
  runSac(args, { cwd: folder, during })

/** An environment of which the named parts do something else. */
function environment(name: string, { step = '', make = '', close = '' }): void {
  const code = `import { writeFileSync } from 'node:fs'
    import { box } from 'soft-actor-critic'
    const space = box({ low: -1, high: 1 })
    let steps = 0
    export default () => {
      ${make}
      return {
        observationSpace: space,
        actionSpace: space,
        reset: () => ({ observation: [0] }),
        step() {
          const result = { observation: [0], reward: 0, terminated: false, truncated: ++steps % 50 === 0 }
          if (steps === 120) { ${step} }
          return result
        },
        close() { ${close} },
      }
    }`
  writeFileSync(join(folder, `${name}.mjs`), code)
}

test.each([
  ['process.exit(0)', 'failed in step, step 120, .*: process.exit\\(0\\) was called', 119],
  ['return new Promise(() => {})', 'failed in step, step 120, .* a promise that is never settled', 119],
  ["setTimeout(() => { throw new Error('on fire') }); return new Promise(() => {})", 'Error: on fire', 119],
  ["Promise.reject(new Error('on fire'))", 'Error: on fire', undefined],
  [
    'setTimeout(() => process.exit(0)); return new Promise(go => setTimeout(go, 100, result))',
    'process.exit\\(0\\) was called',
    120,
  ],
])('an environment that does this is a failure, and the run is saved: %s', async (step, message, steps) => {
  environment('env', { step })
  const { code, stdout, stderr } = await sac(`train ./env.mjs ${SHORT} --out run`)
  expect(code).toBe(1)
  expect(stderr).toMatch(new RegExp(`^error: .*${message}`))
  expect(stdout).toMatch(/Stopped after \d+ steps, .*; saved in run\nTo resume: sac resume run\n$/)
  const run = join(folder, 'run')
  if (steps !== undefined) expect(loadRun(run).steps).toBe(steps)
  expect(checkpointsOf(run)).toHaveLength(1)
  expect(summarizeRun(run)).toMatchObject({ status: 'crashed', message: expect.stringMatching(message) })
})

test.each([
  ['its own thread', 'for (;;);', '--env-threads 1'],
  ['this one, with a promise', 'setInterval(() => {}, 1000); return new Promise(() => {})', ''],
])('a signal has effect in seconds although the environment hangs in %s', async (_, step, flags) => {
  environment('env', { step: `writeFileSync('hangs', ''); ${step}` })
  let sent = 0
  const { code, stdout } = await sac(`train ./env.mjs ${SHORT} ${flags} --out run`, child => {
    if (sent > 0) return
    sent = performance.now()
    const timer = setInterval(() => {
      if (!existsSync(join(folder, 'hangs'))) return
      clearInterval(timer)
      sent = performance.now()
      child.kill('SIGINT')
    }, 100)
  })
  expect(performance.now() - sent).toBeLessThan(20_000)
  expect(code).toBe(130)
  expect(stdout).toContain('had not answered 3 s after the order to stop')
  expect(loadRun(join(folder, 'run')).steps).toBe(119)
  expect(summarizeRun(join(folder, 'run'))).toMatchObject({ status: 'stopped', message: 'stopped by SIGINT' })
})

test.each([
  ['process.exit(0)', 'failed to make its environment: .* process.exit\\(0\\) was called', 2],
  ['return new Promise(() => {})', 'nothing is left to wait for, but the work has not ended', 1],
])('an environment whose making does this is a failure, not silence: %s', async (make, message, code) => {
  environment('env', { make })
  for (const command of [`train ./env.mjs ${SHORT}`, 'check ./env.mjs']) {
    const finished = await sac(command)
    expect(finished).toMatchObject({
      code,
      stderr: expect.stringMatching(new RegExp(`^error: .*${message}`)),
    })
  }
})

test('an environment that never closes is told of; what was learned is saved', async () => {
  environment('env', { close: 'return new Promise(() => {})' })
  const { code, stdout, stderr } = await sac(`train ./env.mjs ${SHORT} --out run`)
  expect({ code, stderr }).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^error: nothing is left to wait for/),
  })
  expect(stdout).toContain('Evaluation: ')
  expect(summarizeRun(join(folder, 'run')).status).toBe('finished')
})

test('every command ends in time where close() never does although something else is alive', async () => {
  environment('env', { make: 'setInterval(() => {}, 1000)', close: 'return new Promise(() => {})' })
  environment('failing', { close: "throw new Error('on fire')" })
  const [check, seeds, failing] = await Promise.all([
    sac('check ./env.mjs --steps 200'),
    sac(`train ./env.mjs ${SHORT} --seeds 2`),
    sac('check ./failing.mjs --steps 200'),
  ])
  for (const { code, stderr } of [check, seeds]) {
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: "error: an environment's close() has not ended after 10 s\n",
    })
  }
  expect(check.stdout).toContain('env: 1 finding')
  expect(failing).toMatchObject({ code: 1, stderr: 'error: closing the environments failed: on fire\n' })
})

test.skipIf(!existsSync('/dev/full'))(
  'output on a full disk: an error that says so, and the run is saved',
  () => {
    const [program, ...args] = [
      process.execPath,
      SAC_PROGRAM,
      'train',
      'Pendulum-v1',
      ...SHORT.split(' '),
      '--out',
      'run',
    ]
    const full = openSync('/dev/full', 'w')
    const { status, stderr } = spawnSync(program, args, {
      cwd: folder,
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    })
    closeSync(full)
    expect(status).toBe(143)
    expect(stderr).toMatch(/^error: the output cannot be written: ENOSPC.*\n$/)
    expect(summarizeRun(join(folder, 'run')).status).toBe('stopped')
  },
)

test.skipIf(process.platform === 'win32')('a file that has grown too large: its name, and what to do', () => {
  const within = (blocks: number, args: string) => {
    const command = `ulimit -f ${blocks}; exec "${process.execPath}" "${SAC_PROGRAM}" ${args}`
    return spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' })
  }
  const large = 'it has grown larger than a file may be here \\(EFBIG\\). Raise the limit \\(ulimit -f\\)'
  const trained = within(16, `train Pendulum-v1 ${SHORT} --out run`)
  expect(trained.status).toBe(1)
  expect(trained.stderr).toMatch(
    new RegExp(
      `^error: The checkpoint of step 400 cannot be saved: run/.*400.safetensors .*: ${large}.*parameters`,
    ),
  )
  expect(loadRun(join(folder, 'run')).steps).toBe(400)
  const recorded = within(1, 'record Pendulum-v1 --max-steps 3 --out film.gif')
  expect(recorded.status).toBe(1)
  expect(recorded.stderr).toMatch(new RegExp(`^error: film.gif cannot be written: ${large}`))
  expect(readdirSync(folder)).toEqual(['run'])
})
