import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { presetSettings, trainSeeds } from '../../src/run/index.ts'
import type { View } from './view.ts'

/** Three seeds of two algorithms on Pendulum-v1 in a folder, unless they are there. */
export async function trainRuns(folder: string) {
  for (const algorithm of ['sac', 'td3'] as const) {
    const out = join(folder, `pendulum-${algorithm}`)
    if (existsSync(out)) continue
    const evaluations = { evaluateEvery: 2000, evaluationEpisodes: 20 }
    const settings = presetSettings({ environment: 'Pendulum-v1', algorithm, ...evaluations })
    await trainSeeds(settings, { seeds: 3, out })
  }
}

/** The table with its curves, seeds gathered, two settings compared, one run with its policy, and what is asked for. */
export function runsViews(url: string): Record<string, View> {
  const open = async (page: Page, hash = '') => {
    await page.goto(url)
    await page.goto(`${new URL(url).origin}/runs/${hash}`)
    await page.reload()
    await page
      .getByRole('img', { name: /^return over/ })
      .first()
      .waitFor()
    await page.waitForTimeout(1000)
  }
  const asking = async (page: Page, name: string) => {
    await open(page)
    await page.getByRole('button', { name, exact: true }).click()
    await page.waitForTimeout(300)
  }
  return {
    runs: page => open(page),
    'runs-gathered': page => open(page, '#gather=mean'),
    'runs-compared': page => open(page, '#page=compare&selected=pendulum-sac/seed0,pendulum-td3/seed0'),
    async 'runs-one'(page) {
      await open(page, '#page=run&id=pendulum-sac/seed0')
      await page.waitForTimeout(2500)
    },
    'runs-launch': page => asking(page, 'New run'),
    'runs-trash': page => asking(page, 'Trash'),
    async 'runs-columns'(page) {
      await open(page)
      await page.getByText('Columns', { exact: true }).click()
      await page.waitForTimeout(300)
    },
  }
}
