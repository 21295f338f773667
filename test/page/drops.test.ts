/** What a run left on disk, dropped on the page as a folder from a file manager. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { decodeSafetensors, makeEnv } from '../../src/index.ts'
import { beginRun, parseSettings, trainRun } from '../../src/run/index.ts'
import { countOf, untilCount, useSite } from './site.ts'

const site = useSite()

/** A run of a few hundred steps. */
async function train(settings: Record<string, unknown>): Promise<string> {
  const out = join(mkdtempSync(join(tmpdir(), 'page-run-')), 'run')
  const parsed = parseSettings(settings)
  const { environment, environmentOptions } = parsed
  const run = await beginRun({
    settings: parsed,
    envs: [await makeEnv(environment, environmentOptions)],
    place: { out },
  })
  for await (const _ of trainRun(run, { record: run.record() }));
  await run.close()
  return out
}

/** Drops a folder or a file of this machine on the page, as the browser itself does it. */
async function drop(page: Page, path: string): Promise<void> {
  const browser = await page.context().newCDPSession(page)
  const data = { items: [], files: [path], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await browser.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data })
  }
}

test('the folder of a run begins its environment, its settings and its weights', async () => {
  const folder = await train({
    environment: 'Pendulum-v1',
    environmentOptions: { gravity: 5 },
    steps: 300,
    hiddenSizes: [24, 16],
    criticHiddenSizes: [20],
    batchSize: 32,
    learningStarts: 100,
    seed: 7,
  })
  // The page shows another environment before.
  const page = await site.open('#env=MountainCarContinuous-v0&seed=3')
  await expect.poll(() => page.getByRole('button', { name: 'Train' }).isEnabled()).toBe(true)
  await drop(page, folder)
  await page.getByRole('heading', { name: 'Pendulum-v1' }).waitFor()
  await expect.poll(() => page.getByLabel(/^hiddenSizes/).inputValue()).toBe('24,16')
  await page.getByText('was changed while it ran').waitFor()
  const link = new URLSearchParams(new URL(page.url()).hash.slice(1))
  expect(Object.fromEntries(link)).toMatchObject({
    env: 'Pendulum-v1',
    'env.gravity': '5',
    criticHiddenSizes: '20',
    seed: '7',
  })

  // What acts in the page is what the run learned, to the last bit.
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Weights' }).click()
  const here = decodeSafetensors(await readFile(await (await download).path())).tensors
  const there = decodeSafetensors(readFileSync(join(folder, 'parameters.safetensors'))).tensors
  expect(Object.keys(here).sort()).toEqual(Object.keys(there).sort())
  for (const [name, { data }] of Object.entries(there)) expect(here[name].data).toEqual(data)

  await page.getByRole('button', { name: 'Train' }).click()
  await untilCount(page, 'updates', 50)
  expect(page.errors).toEqual([])
  await page.context().close()
})

test('a folder without weights, and a run of an environment elsewhere, are refused in a sentence', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'page-none-'))
  writeFileSync(join(folder, 'notes.txt'), 'nothing learned here')
  const page = await site.open()
  await page.getByRole('button', { name: 'Train' }).click()
  await untilCount(page, 'steps', 50)
  await drop(page, folder)
  await page.getByText('What was dropped cannot be used: there is no .safetensors file').waitFor()

  const run = await train({ environment: 'Pendulum-v1', steps: 20, hiddenSizes: [8], learningStarts: 20 })
  cpSync(run, join(dirname(run), 'another'), { recursive: true })
  const config = join(run, 'config.json')
  const settings = JSON.parse(readFileSync(config, 'utf8')) as Record<string, unknown>
  writeFileSync(config, JSON.stringify({ ...settings, environment: './my-robot.ts' }))
  await drop(page, run)
  await page.getByText('it is for the environment ./my-robot.ts, which this page does not have').waitFor()
  writeFileSync(config, '{ "environment": ')
  await drop(page, run)
  await page.getByText('What was dropped cannot be used: its config.json is damaged (').waitFor()
  writeFileSync(config, '[]')
  await drop(page, run)
  await page.getByText('is damaged (it is no object of settings)').waitFor()
  // A folder of runs would pair the settings of one with the weights of another.
  await drop(page, dirname(run))
  await page.getByText('these are 2 runs (each has a config.json): drop the folder of one').waitFor()
  rmSync(join(run, 'parameters.safetensors'))
  await drop(page, run)
  await page.getByText('it has checkpoints, but no weights yet').waitFor()
  // What was learned meanwhile stays.
  expect(await countOf(page, 'steps')).toBeGreaterThan(50)
  expect(page.errors).toEqual([])
  await page.context().close()
})
