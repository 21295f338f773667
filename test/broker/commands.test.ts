/** The commands that reach beyond one machine, as processes around a real broker. */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nkeys } from '@nats-io/nats-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { saveCheckpoint } from '../../src/run/checkpoints.ts'
import { startBroker } from '../../tools/nats-server.ts'
import { readPage } from '../processes/pages/page.ts'
import { newestCheckpoint } from '../processes/run-outcome.ts'
import { runSac } from '../processes/sac-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'broker-commands-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Broker = Awaited<ReturnType<typeof startBroker>>
let broker: Broker
beforeAll(async () => {
  broker = await startBroker()
})
afterAll(() => broker.close())

const others: Broker[] = []
afterEach(async () => {
  for (const one of others.splice(0)) await one.close()
})
async function brokerWith(config: string) {
  const one = await startBroker(config)
  others.push(one)
  return one
}

const sac = (args: string, env?: Record<string, string>) => runSac(args, { cwd: folder, env })
const SMALL = '--hidden-sizes 8 --batch-size 8 --learning-starts 100 --evaluation-episodes 1'
const train = (environment: string, steps: number, run: string, more = '') =>
  sac(
    `train ${environment} --steps ${steps} ${SMALL} --nats ${broker.servers} --run ${run} --out ${run} ${more}`,
  )
const act = (run: string, more = '') => sac(`act --nats ${broker.servers} --run ${run} ${more}`)

/** How many transitions of each actor a run has learned from. */
const takenIn = (run: string) =>
  Object.entries(newestCheckpoint(join(folder, run)).training.experience!.actors).map(
    ([name, { next }]) => [name.replace(/^.*-learner/, 'learner'), next] as const,
  )
const sum = (counts: readonly (readonly [string, number])[]) =>
  counts.reduce((total, [, next]) => total + next, 0)

test('a run learns from itself and from an actor that waited for it, and all end when it has finished', async () => {
  let waits = () => {}
  const waiting = new Promise<void>(resolve => {
    waits = resolve
  })
  const acting = runSac(`act --nats ${broker.servers} --run pendulum --envs 2 --name kitchen`, {
    cwd: folder,
    during: (_, stdout) => stdout.includes('waiting for a learner that begins the run pendulum') && waits(),
  })
  await waiting
  const trained = await train('Pendulum-v1', 5000, 'pendulum')
  expect(trained).toMatchObject({ code: 0, stderr: '' })
  expect(trained.stdout).toContain('kitchen-1 has joined')
  const acted = await acting
  expect(acted).toMatchObject({ code: 0, stderr: '' })
  expect(acted.stdout).toMatch(
    /Acting for pendulum in 2 environments, Pendulum-v1, as kitchen\npendulum has finished/,
  )
  const counts = takenIn('pendulum')
  expect(counts.map(([name]) => name).sort()).toEqual(['kitchen-1', 'kitchen-2', 'learner-1'])
  expect(sum(counts)).toBe(5000)

  const listed = await sac(`nats --nats ${broker.servers}`)
  expect(listed.stdout).toMatch(/^pendulum: Pendulum-v1, finished, log of \d+ messages, [\d.]+ MB$/m)
  expect(listed.stdout).toMatch(/^kitchen-1 +Pendulum-v1 +[\d,]+ +[\d,]+ +\d+ +[\d,]+ +\d+ s ago$/m)

  // It saved once, at its end: everything from the beginning is in the log.
  const replay = () => sac(`replay-log pendulum --nats ${broker.servers} --run pendulum`)
  expect(await replay()).toMatchObject({
    code: 0,
    stdout: 'Learned again from the log, from step 0 to step 5,000: the same, bit for bit.\n',
  })

  // What the actors sent and nobody read is learned from when the run is resumed for more steps, without any actor.
  const left = await sac(`resume pendulum --steps 5050 --no-act --nats ${broker.servers} --run pendulum`)
  expect(left).toMatchObject({ code: 0, stderr: '' })
  expect(left.stdout).not.toContain('refused')
  expect(sum(takenIn('pendulum'))).toBe(5050)
  expect((await replay()).stdout).toBe(
    'Learned again from the log, from step 5,000 to step 5,050: the same, bit for bit.\n',
  )
  const damaged = newestCheckpoint(join(folder, 'pendulum'))
  damaged.agent.counters.updates++
  saveCheckpoint(join(folder, 'pendulum'), damaged)
  expect(await replay()).toMatchObject({ code: 1, stdout: expect.stringContaining('it is NOT the same') })
  expect((await sac('resume pendulum --steps 5100')).stderr).toContain(
    'pendulum learns from actors: sac resume pendulum --nats <url> --run <name>',
  )
})

test('an environment in a file is named by the actor, and the learner alone does not act', async () => {
  copyFileSync(join(import.meta.dirname, '../../examples/my-env.ts'), join(folder, 'my-env.ts'))
  const training = train('./my-env.ts', 300, 'own', '--no-act')
  const acting = act('own', '--name robot ./my-env.ts')
  expect(await training).toMatchObject({ code: 0, stderr: '' })
  expect(await acting).toMatchObject({ code: 0, stderr: '' })
  expect(takenIn('own')).toEqual([['robot', 300]])
})

test('an actor does not execute what the board names, and refuses an environment with other spaces', async () => {
  writeFileSync(
    join(folder, 'evil.ts'),
    `import { writeFileSync } from 'node:fs'\nwriteFileSync('executed', '')\n${readFileSync(join(import.meta.dirname, '../../examples/my-env.ts'), 'utf8')}`,
  )
  const stop = new AbortController()
  const training = runSac(
    `train ./evil.ts --steps 9999 ${SMALL} --nats ${broker.servers} --run evil --out evil --no-act`,
    {
      cwd: folder,
      during: child => stop.signal.addEventListener('abort', () => child.kill('SIGINT'), { once: true }),
    },
  )
  const refused = await act('evil')
  rmSync(join(folder, 'executed'))
  expect(await act('evil')).toMatchObject({ code: 2, stderr: refused.stderr })
  expect(refused.stderr).toMatch(
    /^error: evil is of evil, which is a file on the learner's machine: name the one/,
  )
  expect(() => readFileSync(join(folder, 'executed'))).toThrow()
  const second = await train('./evil.ts', 100, 'evil', '--out second')
  expect(second).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^error: Another learner has this run/),
  })
  expect(existsSync(join(folder, 'second'))).toBe(false)
  const other = await act('evil', 'MountainCarContinuous-v0')
  expect(other).toMatchObject({ code: 1 })
  expect(other.stderr).toMatch(
    /MountainCarContinuous-v0 does not fit the run, which is of .*: the bounds of its observations/,
  )
  stop.abort()
  await training
})

test('the commands in docs/distributed.md do what they say', async () => {
  const commands = readPage('docs/distributed.md')
    .blocks('sh')
    .flatMap(block => block.trim().split('\n'))
    .map(line =>
      line
        .replace(/^sac /, '')
        .replace(/\s+#.*/, '')
        .replace('nats://broker:4222', broker.servers),
    )
  expect(commands).toHaveLength(3)
  const [train, act, list] = commands
  const results = await Promise.all([sac(`${train} --steps 4000 ${SMALL} --out walkers`), sac(act)])
  expect(results).toMatchObject([
    { code: 0, stderr: '' },
    { code: 0, stderr: '' },
  ])
  expect(await sac(list)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^walkers: Pendulum-v1, finished/m),
  })
})

describe('mistakes', () => {
  test.each([
    [
      'train Pendulum-v1 --nats HOST',
      2,
      'Name the run on the broker, as in: --nats nats://host:4222 --run walkers',
    ],
    ['train Pendulum-v1 --run a', 2, '--run goes with --nats, the address of a NATS server.'],
    ['train Pendulum-v1 --no-act', 2, '--no-act goes with --nats'],
    ['train Pendulum-v1 --standby', 2, '--standby goes with --nats'],
    ['train Pendulum-v1 --nats HOST --run a --standby', 2, 'name its directory with --out.'],
    ['train Pendulum-v1 --token x', 2, '--token goes with --nats'],
    ['train Pendulum-v1 --nats HOST --run a.b', 2, "--run is 'a.b'; it must be of letters, digits, - and _"],
    [
      'train Pendulum-v1 --nats HOST --run a --seeds 3',
      2,
      '--seeds trains several runs, and --nats is for one',
    ],
    ['train Pendulum-v1 --nats HOST --run a --max-staleness -1', 2, "--max-staleness is '-1'; it must be"],
    [
      'act --nats nats://127.0.0.1:1 --run a',
      1,
      'No NATS server answers at nats://127.0.0.1:1 (connection refused)',
    ],
    ['act --nats http://127.0.0.1 --run a', 2, "--nats is 'http://127.0.0.1'; it must be an address such as"],
    ['act --nats HOST --run a --name a.b', 2, "--name is 'a.b'; it must be of letters"],
    ['act --nats HOST --run a --creds nowhere', 2, '--creds nowhere cannot be read: ENOENT'],
    [
      'act --nats nats://a:b@HOST --run a --token t',
      2,
      'Give one kind of credentials: --creds, --nkey, --token',
    ],
    ['act --run a', 2, 'Name the NATS server, as in: --nats nats://broker:4222'],
    ['replay-log own --nats HOST --run nothing', 2, 'There is no run nothing at '],
    ['replay-log own --nats HOST --run own --max-staleness few', 2, "--max-staleness is 'few'; it must be"],
    ['replay-log nowhere --nats HOST --run own', 2, 'nowhere'],
    ['nats --nats HOST --run nothing', 2, 'There is no run nothing at '],
  ])('%s', async (args, code, message) => {
    const result = await sac(args.replace('HOST', broker.servers))
    expect(result.stderr).toContain(message)
    expect(result.stderr.trim().split('\n')).toHaveLength(1)
    expect(result.code).toBe(code)
  })

  test('clients that are not installed', async () => {
    const hook = `export const resolve = (name, context, next) => {
      if (name.startsWith('@nats-io/')) throw new Error('not found')
      return next(name, context)
    }`
    writeFileSync(join(folder, 'hook.mjs'), hook)
    const register = "import { register } from 'node:module'\nregister('./hook.mjs', import.meta.url)\n"
    writeFileSync(join(folder, 'without.mjs'), register)
    const NODE_OPTIONS = `--import ${join(folder, 'without.mjs')}`
    expect(await sac(`nats --nats ${broker.servers}`, { NODE_OPTIONS })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/not installed: npm install @nats-io\/nats-core@3.3 /),
    })
    // Everything else does without them.
    expect(await sac('envs', { NODE_OPTIONS })).toMatchObject({ code: 0 })
  })

  test('a server without JetStream', async () => {
    const { servers } = await brokerWith('jetstream: false')
    const result = await sac(`train Pendulum-v1 --nats ${servers} --run a --out nothing`)
    expect(result.code).toBe(1)
    expect(result.stderr).toContain(
      'jetstream is not enabled. Start it with JetStream, as in: nats-server -js',
    )
  })
})

describe('credentials', () => {
  const list = async (servers: string, args: string) => {
    const { code, stderr } = await sac(`nats --nats ${servers} ${args}`)
    return code === 0 ? 'accepted' : stderr
  }
  const refused = expect.stringMatching(/refuses these credentials .*: see --creds, --nkey, --token\.\n$/)

  test('a token, as a flag or in the address', async () => {
    const { servers } = await brokerWith('authorization { token: "secret" }')
    expect(await list(servers, '')).toEqual(refused)
    expect(await list(servers, '--token wrong')).toEqual(refused)
    expect(await list(servers, '--token secret')).toBe('accepted')
    expect(await list(`nats://secret@${servers}`, '')).toBe('accepted')
  })

  test('a user and a password in the address, which no message repeats', async () => {
    const { servers } = await brokerWith('authorization { user: "ann", password: "p@ss" }')
    expect(await list(`nats://ann:p%40ss@${servers}`, '')).toBe('accepted')
    const message = await list(`nats://ann:wrong@${servers}`, '')
    expect(message).toEqual(refused)
    expect(message).not.toContain('wrong')
  })

  test('an NKey', async () => {
    const key = nkeys.createUser()
    const file = join(folder, 'seed.nk')
    writeFileSync(file, `${new TextDecoder().decode(key.getSeed())}\n`)
    const { servers } = await brokerWith(`authorization { users: [{ nkey: "${key.getPublicKey()}" }] }`)
    expect(await list(servers, '')).toEqual(refused)
    expect(await list(servers, `--nkey ${file}`)).toBe('accepted')
  })
})
