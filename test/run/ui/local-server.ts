import { mkdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { flagName, formatValue } from '../../../src/option-text.ts'
import { resolveSettings } from '../../../src/run/preset-settings.ts'
import type { SacCommand } from '../../../src/run/ui/launches.ts'
import { openUi } from '../../../src/run/ui/server.ts'
import { newFolder } from './synthetic-runs.ts'

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asks for
  json: any
}

/** A page with nothing on it, for tests that need only what is behind it. */
export function emptyPage(): string {
  const page = newFolder()
  mkdirSync(join(page, 'runs'))
  writeFileSync(join(page, 'runs', 'index.html'), '<!doctype html>')
  return page
}

/** A command in place of `sac`: a program that prints its arguments to standard error and fails. */
export const commandThat = (script: string): SacCommand => ({
  program: process.execPath,
  args: ['-e', script, '--'],
  settings: resolveSettings,
  flags: named => Object.entries(named).map(([name, value]) => `${flagName(name)}=${formatValue(value)}`),
})

/** The server of `sac ui` on a folder, and a client that has its cookie. */
export async function openLocalServer(folder: string, sac = commandThat('')) {
  const ui = await openUi({ folder, page: emptyPage(), sac })
  const { port, searchParams } = new URL(ui.url)
  const token = searchParams.get('token')!
  const origin = `http://127.0.0.1:${port}`
  const cookie = `sac-ui-${port}=${token}`
  const ask = (
    method: string,
    path: string,
    { body, headers = {} }: { body?: unknown; headers?: Record<string, string | undefined> } = {},
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const all = { cookie, origin, 'content-type': 'application/json', ...headers }
      const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
      const asked = request(
        { host: '127.0.0.1', port, method, path, headers: sent as Record<string, string> },
        response => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', part => {
            text += part
          })
          response.on('end', () => {
            let json: unknown
            try {
              json = JSON.parse(text)
            } catch {}
            resolve({ status: response.statusCode!, headers: response.headers, text, json })
          })
        },
      )
      asked.on('error', reject)
      asked.end(body === undefined ? undefined : JSON.stringify(body))
    })
  return {
    ...ui,
    port,
    token,
    origin,
    get: (path: string, headers?: Record<string, string | undefined>) => ask('GET', path, { headers }),
    post: (path: string, body: unknown, headers?: Record<string, string | undefined>) =>
      ask('POST', path, { body, headers }),
    ask,
    /** Waits until every run was looked at. */
    async ready() {
      while (!(await ask('GET', '/api/runs')).json.complete)
        await new Promise(resolve => setTimeout(resolve, 10))
    },
  }
}
