import type { StepResult } from '../src/env/env.ts'
import { environmentIds, makeEnv } from '../src/envs/registry.ts'
import { createGif } from '../src/run/film/gif.ts'
import { createPainter } from '../src/run/film/painter.ts'
import { randomActions } from './environments.ts'
import { atLeast, median, processorSeconds, type Row } from './measure.ts'

const SIZE = { width: 320, height: 240 }
const PICTURES = 50
const ROUNDS = 5
/** Pictures a second to reach. */
const REACH = 30

/** Recording: pictures a second of one thread, each a step, a scene, its picture and its part of the GIF. */
export async function recording(): Promise<Row[]> {
  const rows: Row[] = []
  for (const id of environmentIds()) rows.push(await recordingOf(id))
  return rows
}

async function recordingOf(id: string): Promise<Row> {
  const env = await makeEnv(id)
  const actions = randomActions(env)
  const paint = createPainter(SIZE)
  let step = 0
  let bytes = 0

  /** A film of some pictures. */
  async function record(): Promise<void> {
    const gif = createGif(SIZE)
    env.reset({ seed: 0 })
    for (let i = 0; i < PICTURES; i++) {
      const { terminated, truncated } = env.step(actions[step++ % actions.length]) as StepResult
      if (terminated || truncated) env.reset()
      gif.add(await paint(await env.scene!()), 0.04)
    }
    bytes = gif.finish().length
  }

  await record()
  const rates: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const start = processorSeconds()
    await record()
    rates.push(PICTURES / (processorSeconds() - start))
  }
  await env.close?.()
  const rate = median(rates)
  return {
    what: `${id}, recording ${SIZE.width} x ${SIZE.height} as a GIF`,
    value: rate,
    unit: 'pictures/s',
    ...atLeast(REACH, rate),
    best: Math.max(...rates),
    detail: { rates, bytesOfAPicture: bytes / PICTURES },
  }
}
