/** Films of an episode, as files. Loaded when one is asked for, with the packages that encode them. */
import * as gifenc from 'gifenc'
import {
  BufferTarget,
  CanvasSource,
  getFirstEncodableVideoCodec,
  Mp4OutputFormat,
  Output,
  QUALITY_HIGH,
  WebMOutputFormat,
} from 'mediabunny'
import { createGifWith } from '../../../src/render/gif.ts'
import { createPictures, SIZE, timesOf } from './pictures.ts'
import type { Frame } from './reel.ts'

export interface FilmFile {
  bytes: BlobPart
  ending: 'mp4' | 'webm' | 'gif'
  type: string
}

/** Called with the share that is done, from 0 to 1. */
type OnProgress = (share: number) => void

/** Whatever plays in most places, of what this browser can encode: mp4, webm, or else a GIF. */
export async function makeVideo(frames: readonly Frame[], onProgress: OnProgress): Promise<FilmFile> {
  const able = (codecs: Parameters<typeof getFirstEncodableVideoCodec>[0]) =>
    typeof VideoEncoder === 'undefined' ? null : getFirstEncodableVideoCodec(codecs, SIZE)
  const ofMp4 = await able(['avc'])
  const codec = ofMp4 ?? (await able(['vp9', 'vp8', 'av1']))
  if (!codec) return makeGif(frames, onProgress)
  const output = new Output({
    format: ofMp4 ? new Mp4OutputFormat() : new WebMOutputFormat(),
    target: new BufferTarget(),
  })
  const pictures = createPictures()
  const source = new CanvasSource(pictures.canvas, { codec, quality: QUALITY_HIGH })
  output.addVideoTrack(source)
  await output.start()
  for (const [i, { at, seconds }] of timesOf(frames).entries()) {
    pictures.draw(frames[i].scene)
    await source.add(at, seconds)
    onProgress((i + 1) / frames.length)
  }
  await output.finalize()
  const ending = ofMp4 ? 'mp4' : 'webm'
  return { bytes: output.target.buffer!, ending, type: `video/${ending}` }
}

/** The shortest time that browsers show a picture of a GIF for, in s. */
const SHORTEST = 0.02

export async function makeGif(frames: readonly Frame[], onProgress: OnProgress): Promise<FilmFile> {
  const gif = createGifWith(gifenc, SIZE)
  const pictures = createPictures()
  let owed = 0
  for (const [i, { seconds }] of timesOf(frames).entries()) {
    owed += seconds
    if (owed < SHORTEST && i + 1 < frames.length) continue
    pictures.draw(frames[i].scene)
    gif.add(pictures.pixels(), owed)
    owed = 0
    onProgress((i + 1) / frames.length)
    // The tab stays smooth.
    await new Promise(resolve => setTimeout(resolve))
  }
  return { bytes: gif.finish() as BlobPart, ending: 'gif', type: 'image/gif' }
}
