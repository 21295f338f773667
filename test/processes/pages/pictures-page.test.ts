import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { decodeGif } from '../gif-decoder.ts'
import { readPage, testPage } from './page.ts'

const root = join(import.meta.dirname, '../../..')
const { text, blocks } = readPage('docs/pictures.md')

const folder = testPage('docs/pictures.md', {
  onPrinted: printed => expect(['2 shapes', '1 handle']).toContain(printed.trim()),
})

test('the film of the first command is a whole episode', () => {
  expect(decodeGif(readFileSync(join(folder(), 'agent.gif'))).frames).toHaveLength(201)
})

test('what is for browsers bundles for them', async () => {
  // `javascript` rather than `js` marks what needs a page to run in.
  const snippets = blocks('javascript')
  expect(snippets).toHaveLength(2)
  for (const contents of snippets) {
    const { errors, warnings } = await build({
      stdin: { contents, resolveDir: root },
      bundle: true,
      write: false,
      platform: 'browser',
      format: 'esm',
      external: ['three', 'soft-actor-critic'],
      logLevel: 'silent',
    })
    expect([...errors, ...warnings]).toEqual([])
  }
})

test('pictures of pages are small', () => {
  for (const name of ['environments.png', 'half-cheetah.gif', 'pendulum.gif']) {
    expect(readFileSync(join(root, 'docs/images', name)).length, name).toBeLessThan(400_000)
  }
  expect(text).toContain('images/environments.png')
})
