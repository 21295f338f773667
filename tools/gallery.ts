/** `npm run transpile && node dist/tools/gallery.js FILE`: a picture of all environments, after some random steps. */
import { writeFileSync } from 'node:fs'
import { encode } from 'fast-png'
import { drawAction } from '../src/env/action-space.ts'
import type { StepResult } from '../src/env/env.ts'
import { environmentIds, makeEnv } from '../src/envs/registry.ts'
import { createRandom } from '../src/random.ts'
import { createPainter } from '../src/run/film/painter.ts'

const COLUMNS = 7
const SIZE = { width: 192, height: 144 }
const STEPS = 12

const ids = environmentIds()
const width = COLUMNS * SIZE.width
const height = Math.ceil(ids.length / COLUMNS) * SIZE.height
const sheet = new Uint8ClampedArray(4 * width * height)
const paint = createPainter(SIZE)
const random = createRandom(3, 'gallery')
for (const [i, id] of ids.entries()) {
  const env = await makeEnv(id)
  await env.reset({ seed: 1 })
  for (let step = 0; step < STEPS; step++) {
    const action = drawAction(env.actionSpace, random)
    if (((await env.step(action)) as StepResult).terminated) break
  }
  const pixels = await paint(await env.scene!())
  const left = (i % COLUMNS) * SIZE.width
  const top = Math.floor(i / COLUMNS) * SIZE.height
  for (let row = 0; row < SIZE.height; row++) {
    const line = pixels.subarray(4 * row * SIZE.width, 4 * (row + 1) * SIZE.width)
    sheet.set(line, 4 * ((top + row) * width + left))
  }
  await env.close?.()
}
writeFileSync(process.argv[2], encode({ width, height, data: sheet, channels: 4, depth: 8 }))
