/** Exported policies in a page of a real browser. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { policyToModule } from '../../src/policy/module.ts'
import { type loadPolicy, policyToSafetensors } from '../../src/policy/policy-file.ts'
import { launchChromium } from '../../tools/chromium.ts'
import { distance, examples, policies, referenceAction } from '../policy/policies.ts'
import { readPage } from '../processes/pages/page.ts'

const root = join(import.meta.dirname, '../..')

interface Exported {
  act(observation: number[], noise?: number[]): Float32Array
  loadPolicy: typeof loadPolicy
}

let browser: Browser
let server: Server
const files: Record<string, string | Uint8Array> = {}

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'src/policy/index.ts')],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
  })
  files['/load-policy.js'] = outputFiles[0].text
  files['/'] = `<!doctype html><link rel="icon" href="data:,"><script type="module">
    import { act } from '/policy.js'
    import { loadPolicy } from '/load-policy.js'
    globalThis.exported = { act, loadPolicy }
  </script>`
  server = createServer(({ url = '/' }, response) => {
    const type = url.endsWith('.js')
      ? 'text/javascript'
      : url.endsWith('s')
        ? 'application/octet-stream'
        : 'text/html'
    if (url in files) response.writeHead(200, { 'Content-Type': type }).end(files[url])
    else response.writeHead(404).end()
  }).listen(0)
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  server?.close()
})

const open = async (path: string): Promise<Page> => {
  const page = await browser.newPage()
  await page.goto(`http://localhost:${(server.address() as AddressInfo).port}${path}`)
  return page
}

test.each(policies)('%s: the module and loadPolicy act the same in a page', async (_, make) => {
  const policy = await make()
  files['/policy.js'] = policyToModule(policy)
  files['/policy.safetensors'] = policyToSafetensors(policy)
  const rows = examples(20).map(({ observation, noise }) => [[...observation], [...noise]])
  const page = await open('/')
  const computed = await page.evaluate(async rows => {
    const { act, loadPolicy } = (globalThis as unknown as { exported: Exported }).exported
    const loaded = loadPolicy(new Uint8Array(await (await fetch('/policy.safetensors')).arrayBuffer()))
    return rows.map(([observation, noise]) =>
      [act(observation), loaded.act(observation, { deterministic: true }), act(observation, noise)].map(
        action => [...action],
      ),
    )
  }, rows)
  await page.close()
  for (const [i, [module, loaded, sampled]] of computed.entries()) {
    const [observation, noise] = rows[i]
    expect(distance(module, referenceAction(policy, observation))).toBeLessThan(1e-5)
    expect(distance(loaded, referenceAction(policy, observation))).toBeLessThan(1e-5)
    expect(distance(sampled, referenceAction(policy, observation, noise))).toBeLessThan(1e-5)
  }
})

test('the page in docs/export.md shows an action', async () => {
  const [policy] = policies
  files['/policy.js'] = policyToModule(await policy[1]())
  const [html] = readPage('docs/export.md').blocks('html')
  files['/shown'] = `<!doctype html>${html.replace('[1, 0, 0]', '[100, 0, 0, 3, 0]')}`
  const page = await open('/shown')
  await page.waitForFunction(() => document.title !== '', undefined, { timeout: 10_000 })
  expect(await page.title()).toMatch(/^action -?\d+\.\d{3}$/)
  await page.close()
})
