/** Two threads against one in a real Chromium: pure WebAssembly, updates at full size, in a Worker of a page. */
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'
import { launchChromium } from '../tools/chromium.ts'
import { atLeast, median, type Row } from './measure.ts'
import { allowedProcessors, spread } from './peers/processors.ts'

/** What the Worker runs: an answer is the updates a second of one learner. */
const WORKER = `
  import { FULL, learnerOf } from './bench/update-step.ts'
  import { rate } from './bench/measure.ts'
  const learners = {}
  onmessage = async ({ data: { kind, threads, seconds } }) => {
    const learner = (learners[kind + threads] ??= await learnerOf(FULL, { kind, threads }))
    postMessage(await rate(() => learner.update(), seconds))
  }`

/** Memory is shared among threads only with these headers. */
const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}
const PAGE = `<!doctype html><link rel="icon" href="data:,"><script type="module">
  const worker = new Worker('/worker.js', { type: 'module' })
  globalThis.ask = question => new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data)
    worker.onerror = ({ message }) => reject(new Error(message))
    worker.postMessage(question)
  })
</script>`

const KINDS = ['wasm', 'wasm-fast'] as const

export async function chromium(): Promise<Row[]> {
  const { outputFiles } = await build({
    stdin: { contents: WORKER, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
  })
  const server = createServer(({ url }, response) => {
    const isScript = url === '/worker.js'
    response.writeHead(200, { ...ISOLATED, 'Content-Type': isScript ? 'text/javascript' : 'text/html' })
    response.end(isScript ? outputFiles[0].text : PAGE)
  }).listen(0)
  const browser = await launchChromium()
  try {
    const page = await browser.newPage()
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`)
    const ask = (kind: string, threads: number, seconds: number): Promise<number> =>
      page.evaluate(
        question => (globalThis as unknown as { ask(q: object): Promise<number> }).ask(question),
        { kind, threads, seconds },
      )
    const session = await browser.newBrowserCDPSession()
    const renderers = async () => {
      const { processInfo } = await session.send('SystemInfo.getProcessInfo')
      return processInfo.filter(({ type, id }) => type === 'renderer' && existsSync(`/proc/${id}`))
    }

    const rows: Row[] = []
    for (const kind of KINDS) {
      await ask(kind, 1, 1)
      await ask(kind, 2, 1)
      for (const { id } of await renderers()) {
        await spread(id, allowedProcessors(), () => ask(kind, 2, 0.5))
      }
      const [one, two]: number[][] = [[], []]
      for (let round = 0; round < 7; round++) {
        one.push(await ask(kind, 1, 0.5))
        two.push(await ask(kind, 2, 0.5))
      }
      const gain = median(two.map((rate, i) => rate / one[i]))
      const what = `full update in Chromium, ${kind}`
      rows.push(
        { what: `${what}, 1 thread`, value: median(one), unit: 'updates/s', detail: one },
        { what: `${what}, 2 threads`, value: median(two), unit: 'updates/s', detail: two },
        { what: `${what}, 2 threads against 1`, value: gain, unit: 'times', ...atLeast(1.8, gain) },
      )
    }
    return rows
  } finally {
    await browser.close()
    server.close()
  }
}
