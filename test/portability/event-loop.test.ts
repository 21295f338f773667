/** A page stays alive while it trains in its own thread: browsers have no `setImmediate`, and so another way to give turns. */
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../../tools/chromium.ts'

type Package = typeof import('../../src/index.ts')

let browser: Browser
let script: string

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: {
      contents:
        "export * from './src/sac/agent.ts'; export * from './src/envs/registry.ts'\n" +
        "export * from './src/training/train.ts'; export * from './src/training/evaluate.ts'",
      resolveDir: join(import.meta.dirname, '../..'),
      loader: 'ts',
    },
    bundle: true,
    write: false,
    logLevel: 'error',
    platform: 'browser',
    format: 'iife',
    globalName: 'sac',
    external: ['@mujoco/mujoco'],
  })
  script = outputFiles[0].text
  browser = await launchChromium()
})
afterAll(() => browser?.close())

async function inPage<T>(work: () => Promise<T>): Promise<T> {
  const page = await browser.newPage()
  await page.addScriptTag({ content: script })
  const result = await page.evaluate(work)
  await page.close()
  return result
}

// Each takes several seconds if nothing stops it.
test('AbortSignal.timeout stops training with WebAssembly in the thread of the page, and timers have turns', async () => {
  const { reason, steps, turns, engine } = await inPage(async () => {
    const { makeEnv, SAC, train } = (globalThis as unknown as { sac: Package }).sac
    const env = await makeEnv('Pendulum-v1')
    const options = { hiddenSizes: [64, 64], learningStarts: 100, threads: 1 }
    const agent = await SAC.create(env, { ...options, engine: 'wasm' as const })
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    let reason = ''
    for await (const event of train(agent, env, { steps: 10_000, signal: AbortSignal.timeout(300) })) {
      if (event.type === 'done') reason = event.reason
    }
    clearInterval(timer)
    return { reason, steps: agent.steps, turns, engine: agent.engine }
  })
  expect(engine).toBe('WebAssembly, 1 thread')
  expect(reason).toBe('aborted')
  expect(steps).toBeGreaterThan(1)
  expect(turns).toBeGreaterThan(5)
})

test('and an evaluation', async () => {
  const message = await inPage(async () => {
    const { makeEnv, SAC, evaluate } = (globalThis as unknown as { sac: Package }).sac
    const env = await makeEnv('Pendulum-v1')
    const agent = await SAC.create(env, { engine: 'wasm', threads: 1, hiddenSizes: [64, 64] })
    const evaluation = evaluate(agent, env, { episodes: 5000, signal: AbortSignal.timeout(300) })
    return evaluation.then(
      () => 'it was not stopped',
      error => error.name,
    )
  })
  expect(message).toBe('TimeoutError')
})
