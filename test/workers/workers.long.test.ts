import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Env } from '../../src/env/env.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { SAC } from '../../src/sac/agent.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'
import { train } from '../../src/training/train.ts'

const dist = join(import.meta.dirname, '../../dist/src')
const registry = pathToFileURL(join(dist, 'envs/registry.js'))
// Compiled, for a thread imports JavaScript. By a variable, for there is no such module until the build.
const compiled = join(dist, 'workers/index.js')
const { makeWorkerEnvs }: typeof import('../../src/workers/index.ts') = await import(compiled)

const inWorkers = (id: string, count: number, threads: number) =>
  makeWorkerEnvs(registry, { count, threads, name: 'makeEnv', args: [id] })

async function trainIn(envs: Env[], more: SacOptionsInput = {}) {
  const options = { envs: envs.length, hiddenSizes: [8], batchSize: 8, learningStarts: 40, bufferSize: 500 }
  const agent = await SAC.create(envs[0], { ...options, ...more })
  let state: unknown
  for await (const event of train(agent, envs, { steps: 300 })) {
    if (event.type === 'done') state = event.state
  }
  await Promise.all(envs.map(env => env.close?.()))
  return { agent: agent.state(), state }
}

describe('environments in worker threads', () => {
  test.each(['Pendulum-v1', 'HalfCheetah-v5'])('%s learns the same bits as in this thread', async id => {
    const here = await trainIn(await Promise.all(Array.from({ length: 3 }, () => makeEnv(id))))
    expect(await trainIn(await inWorkers(id, 3, 1))).toEqual(here)
    expect(await trainIn(await inWorkers(id, 3, 2))).toEqual(here)
  })

  test('have the goals of those they stand for: hindsight learns the same bits', async () => {
    const id = 'PlanarReach-v0'
    const here = await trainIn([await makeEnv(id), await makeEnv(id)], { hindsight: 'future' })
    expect(await trainIn(await inWorkers(id, 2, 2), { hindsight: 'future' })).toEqual(here)
    const [env] = await inWorkers(id, 1, 1)
    const goals = [Float32Array.of(0.5, 0.5, 0, 0), Float32Array.of(0.5, 0.52, 0, 0.2)] as const
    expect(await env.goals!.computeRewards!(...goals, 2)).toEqual([0, -1])
    expect(await env.goals!.computeReward([0.5, 0.5], [0.5, 0.52])).toBe(0)
    await env.close!()
  })

  test('have the spaces, the state and the scene of those they stand for', async () => {
    const [env] = await inWorkers('Pendulum-v1', 1, 4)
    const real = await makeEnv('Pendulum-v1')
    expect(env).toMatchObject({ id: real.id, observationSpace: real.observationSpace })
    expect(await env.reset({ seed: 5 })).toEqual(await real.reset({ seed: 5 }))
    const state = await env.getState!()
    expect(state).toEqual(await real.getState!())
    const after = await env.step(Float32Array.of(1))
    await env.setState!(state)
    expect(await env.step(Float32Array.of(1))).toEqual(after)
    await real.step(Float32Array.of(1))
    expect(await env.scene!()).toEqual(await real.scene!())
    await env.close!()
    await env.close!()
    await expect(env.reset()).rejects.toThrow(/thread has ended/)
  })
})

describe('what goes wrong', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'workers-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const module = (name: string, code: string) => {
    const path = join(folder, name)
    writeFileSync(path, code)
    return pathToFileURL(path)
  }
  const SPACES = `observationSpace: {}, actionSpace: {}`

  test('a module that is not there, that throws, or that ends the thread', async () => {
    const missing = makeWorkerEnvs(join(folder, 'missing.mjs'), { count: 2 })
    await expect(missing).rejects.toThrow(/missing.mjs/)
    const broken = module('broken.mjs', `export default () => { throw new Error('no power') }`)
    await expect(makeWorkerEnvs(broken, { count: 3 })).rejects.toThrow('no power')
    const leaving = module('leaving.mjs', `process.exit(3)`)
    await expect(makeWorkerEnvs(leaving, { count: 1 })).rejects.toThrow(/thread has ended \(exit code 3\)/)
  })

  test('an exception in a call reaches the caller, and the others go on', async () => {
    const code = `export default () => ({ ${SPACES}, reset: ({ seed }) => { if (seed === 1) throw new Error('on fire'); return { observation: [seed] } } })`
    const [one, two] = await makeWorkerEnvs(module('fire.mjs', code), { count: 2, threads: 1 })
    const [first, second] = await Promise.allSettled([one.reset({ seed: 1 }), two.reset({ seed: 2 })])
    expect(first).toMatchObject({ status: 'rejected', reason: { message: 'on fire' } })
    expect(second).toMatchObject({ status: 'fulfilled', value: { observation: [2] } })
    await Promise.all([one, two].map(env => env.close!()))
  })

  test('a thread that dies in a call', async () => {
    const code = `export default () => ({ ${SPACES}, reset: () => { setTimeout(() => process.exit(7)); return new Promise(() => {}) } })`
    const [env] = await makeWorkerEnvs(module('dying.mjs', code), { count: 1 })
    await expect(env.reset()).rejects.toThrow(/thread has ended \(exit code 7\)/)
  })

  test.each([
    [{ count: 0 }, /count is 0/],
    [{ count: 2, threads: 1.5 }, /threads is 1.5/],
  ])('%o', async (options, message) => {
    await expect(makeWorkerEnvs(registry, options)).rejects.toThrow(message)
  })
})
