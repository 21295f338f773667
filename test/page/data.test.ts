/** Files of transitions that a page reads, as others wrote them. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readTransitions } from '../../src/data/read.ts'
import { createTransitionWriter } from '../../src/data/write.ts'
import type { Transition } from '../../src/replay/transition.ts'
import { launchChromium } from '../../tools/chromium.ts'
import { serveFolder } from '../../tools/serve-folder.ts'
import { plain, STORED, STORED_FILES } from '../data/stored-files.ts'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'data-page-'))
let browser: Awaited<ReturnType<typeof launchChromium>>
let site: Awaited<ReturnType<typeof serveFolder>>
let page: Page

/** What Node reads of a file. */
async function readHere(name: string): Promise<Transition[]> {
  const found: Transition[] = []
  const bytes = new Uint8Array(readFileSync(join(folder, name)))
  for await (const each of readTransitions({ name, bytes })) found.push(plain(each))
  return found
}

beforeAll(async () => {
  cpSync(STORED, folder, { recursive: true })
  writeFileSync(
    join(folder, 'program.ts'),
    `import 'soft-actor-critic/hdf5'
    import { readTransitions, SAC } from 'soft-actor-critic'
    const plain = ${plain}
    globalThis.visit = async name => {
      const file = new File([await (await fetch(name)).blob()], name)
      const found = []
      for await (const each of readTransitions(file)) found.push(plain(each))
      const [{ observation, action }] = found
      const space = (size, bound) => ({
        kind: 'box', shape: [size], size,
        low: new Float32Array(size).fill(-bound), high: new Float32Array(size).fill(bound),
      })
      const spaces = { observationSpace: space(observation.length, Infinity), actionSpace: space(action.length, 1) }
      const agent = await SAC.create(spaces, { hiddenSizes: [8], batchSize: 8 })
      const taken = await agent.learnFrom(readTransitions(file, agent))
      const { criticLoss } = await agent.update()
      await agent.dispose()
      return { found, taken, criticLoss }
    }`,
  )
  // As an application has it, with hyparquet and h5wasm in the bundle.
  await build({
    entryPoints: [join(folder, 'program.ts')],
    bundle: true,
    format: 'esm',
    outdir: folder,
    alias: {
      'soft-actor-critic/hdf5': join(root, 'src/data/bundled-hdf5.ts'),
      'soft-actor-critic': join(root, 'src/index.ts'),
    },
    nodePaths: [join(root, 'node_modules')],
    logLevel: 'silent',
  })
  writeFileSync(join(folder, 'index.html'), '<script type="module" src="program.js"></script>')
  const writer = createTransitionWriter('jsonl')
  for (const each of await readHere('stored.npz')) writer.add(each)
  writeFileSync(join(folder, 'written.jsonl'), writer.finish())
  site = await serveFolder(folder)
  browser = await launchChromium()
  page = await browser.newPage()
  await page.goto(site.address)
  await page.waitForFunction('globalThis.visit')
})
afterAll(async () => {
  await browser?.close()
  site?.close()
  rmSync(folder, { recursive: true })
})

test.each([...STORED_FILES, 'written.jsonl'])(
  '%s is read in Chromium as in Node, and learned from',
  async name => {
    const { found, taken, criticLoss } = await page.evaluate(
      name => (globalThis as unknown as { visit(name: string): Promise<Visit> }).visit(name),
      name,
    )
    expect(found).toEqual(await readHere(name))
    expect([found.length, taken]).toEqual([7, 7])
    expect(criticLoss).toBeGreaterThan(0)
  },
)

interface Visit {
  found: Transition[]
  taken: number
  criticLoss: number
}
