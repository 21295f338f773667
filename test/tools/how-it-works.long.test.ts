import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { pageWith, picturesOf } from '../../tools/how-it-works.ts'
import { measureHowItWorks } from '../../tools/how-it-works-data.ts'

const read = (path: string) => readFileSync(join(import.meta.dirname, '../../docs', path), 'utf8')
let pictures: ReturnType<typeof picturesOf>
beforeAll(async () => {
  pictures = picturesOf(await measureHowItWorks())
}, 60_000)

test('the pictures of "How it works" are those of an agent that is trained now', () => {
  for (const [name, { svg }] of Object.entries(pictures))
    expect(read(`images/${name}`) === svg, name).toBe(true)
})

test('the page shows each of them, with the text that says what it shows', () => {
  const page = read('how-it-works.md')
  expect(pageWith(page, pictures)).toBe(page)
  const shown = [...page.matchAll(/\(images\/(how-.*?)\)/g)].map(([, name]) => name)
  expect(shown.toSorted()).toEqual(Object.keys(pictures).toSorted())
})
