import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { View } from './view.ts'

const PROGRAM = join(process.cwd(), 'dist/src/cli/main.js')
const ALGORITHMS = ['sac', 'td3']
const SEEDS = [0, 1, 2]

const sac = (...args: string[]) =>
  spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })

/** Three seeds of two algorithms on Pendulum-v1 in a folder, unless they are there. */
export async function trainRuns(folder: string) {
  for (const algorithm of ALGORITHMS) {
    for (const seed of SEEDS) {
      const out = join(folder, `pendulum-${algorithm}-${seed}`)
      if (existsSync(out)) continue
      const options = { algorithm, seed, evaluateEvery: 2000, evaluationEpisodes: 20, threads: 1, out }
      const flags = Object.entries(options).flatMap(([name, value]) => [
        `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`,
        String(value),
      ])
      const child = sac('train', 'Pendulum-v1', ...flags)
      child.stdout.resume()
      await new Promise(resolve => child.on('close', resolve))
    }
  }
}

/** `sac ui` on a folder: the address that lets a browser in, and its end. */
export async function serveRuns(folder: string) {
  const child = sac('ui', folder, '--no-open')
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', text => {
      const found = /http:\S+/.exec(String(text))
      if (found) resolve(found[0])
    })
    child.on('close', () => reject(new Error('sac ui ended')))
  })
  return { url, close: () => child.kill('SIGINT') }
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
    'runs-compared': page => open(page, '#page=compare&selected=pendulum-sac-0,pendulum-td3-0'),
    async 'runs-one'(page) {
      await open(page, '#page=run&id=pendulum-sac-0')
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
