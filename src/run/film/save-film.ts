import { extname } from 'node:path'
import { encode } from 'fast-png'
import type { Env } from '../../env/env.ts'
import type { Policy } from '../../policy/policy.ts'
import type { PictureSize } from '../../render/picture-size.ts'
import { writeFileAtomically } from '../write-file.ts'
import { type FilmOptions, film, type Shot } from './film.ts'
import { createGif } from './gif.ts'
import { createPainter } from './painter.ts'

/** The result of a recording. */
export interface SavedFilm {
  /** Pictures in the file. */
  pictures: number
  /** Return of each episode. */
  returns: number[]
  /** Of all episodes. */
  steps: number
  /** Episodes that did not end by themselves, but after `maxSteps` steps. */
  cutOff: number
  /** Size of the file. */
  bytes: number
}

/**
 * Runs a policy in an environment and writes a file of it: a name that ends in `.png` gets the last picture of the last
 * episode, any other a GIF of them all.
 *
 * @throws UsageError if the environment has no `scene()`, or @napi-rs/canvas is needed and missing
 * @example
 * const size = { width: 400, height: 400 }
 * await saveFilm(agent, await makeEnv('Pendulum-v1'), 'policy.gif', size, { episodes: 1, seed: 0, fps: 25 })
 */
export async function saveFilm(
  policy: Policy,
  env: Env,
  file: string,
  size: PictureSize,
  options: FilmOptions,
): Promise<SavedFilm> {
  const paint = createPainter(size)
  const gif = extname(file) === '.png' ? undefined : createGif(size)
  const ends: Shot[] = []
  let pictures = 0
  for await (const shot of film(policy, env, options)) {
    if (shot.last) ends.push(shot)
    if (!gif) continue
    gif.add(await paint(shot.scene), shot.seconds)
    pictures++
  }
  const bytes = gif ? gif.finish() : png(await paint(ends.at(-1)!.scene), size)
  writeFileAtomically(file, bytes)
  return {
    pictures: gif ? pictures : 1,
    returns: ends.map(shot => shot.return),
    steps: ends.reduce((sum, { step }) => sum + step, 0),
    cutOff: ends.filter(({ ended }) => !ended).length,
    bytes: bytes.length,
  }
}

const png = (pixels: Uint8ClampedArray, size: PictureSize) =>
  encode({ ...size, data: pixels, channels: 4, depth: 8 })
