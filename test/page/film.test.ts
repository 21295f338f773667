import { readFile } from 'node:fs/promises'
import { signal } from '@preact/signals'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { timesOf } from '../../page/playground/film/pictures.ts'
import { createReel } from '../../page/playground/film/reel.ts'
import type { Picture } from '../../page/playground/training/reports.ts'
import type { About } from '../../page/playground/training/run.ts'
import { useSite } from './site.ts'

const site = useSite()

/** Presses a button of films and returns the file. */
async function filmBy(page: Page, button: string): Promise<{ name: string; bytes: Buffer }> {
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: button }).click()
  const file = await download
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) }
}

test('the last episode becomes a video that plays, and a GIF with its pictures', async () => {
  const page = await site.open('#env=MountainCarContinuous-v0&seed=0')
  await expect.poll(() => page.getByRole('button', { name: 'Film of' }).isEnabled()).toBe(true)
  await page.waitForTimeout(1500)

  const video = await filmBy(page, 'Film of the last episode')
  expect(video.name).toMatch(/^MountainCarContinuous-v0\.(mp4|webm)$/)
  const played = await page.evaluate(async bytes => {
    const element = document.createElement('video')
    element.muted = true
    element.src = URL.createObjectURL(new Blob([Uint8Array.from(bytes)]))
    await new Promise((resolve, reject) => {
      element.onloadeddata = resolve
      element.onerror = () => reject(new Error(element.error?.message))
    })
    element.currentTime = element.duration / 2
    await new Promise(resolve => {
      element.onseeked = resolve
    })
    const canvas = new OffscreenCanvas(element.videoWidth, element.videoHeight)
    const context = canvas.getContext('2d')!
    context.drawImage(element, 0, 0)
    const colours = new Set(new Uint32Array(context.getImageData(0, 0, 640, 400).data.buffer))
    return { duration: element.duration, width: element.videoWidth, colours: colours.size }
  }, Array.from(video.bytes))
  // Nobody waited longer than half a minute for it, and what was seen took more than half a second.
  expect(played.duration).toBeGreaterThan(0.5)
  expect(played.duration).toBeLessThan(30)
  expect(played.width).toBe(640)
  expect(played.colours).toBeGreaterThan(10)

  const gif = await filmBy(page, '… as a GIF')
  expect(gif.name).toBe('MountainCarContinuous-v0.gif')
  const pictures = await page.evaluate(async bytes => {
    const decoder = new ImageDecoder({ data: Uint8Array.from(bytes), type: 'image/gif' })
    await Promise.all([decoder.tracks.ready, decoder.completed])
    return decoder.tracks.selectedTrack!.frameCount
  }, Array.from(gif.bytes))
  expect(pictures).toBeGreaterThan(20)
  expect(page.errors).toEqual([])
  await page.context().close()
})

const scene = {
  dimensions: 2 as const,
  timeStep: 0.05,
  view: { left: 0, right: 1, bottom: 0, top: 1 },
  background: '#ffffff' as const,
  shapes: [],
}
const pictureAt = (step: number, cut = false): Picture => ({
  scenes: [scene],
  of: 'policy',
  seconds: 0.05,
  cut,
  episode: { step, return: 0 },
  action: [],
  reward: 0,
})

test('a reel keeps the last whole episode until another one ends, and forgets it at a new beginning', () => {
  const picture = signal<Picture | undefined>(undefined)
  const about = signal<About | undefined>(undefined)
  const reel = createReel({ picture, about })
  const steps = () => reel.frames().map(({ step }) => step)
  expect(reel.ready.value).toBe(false)
  for (const step of [1, 2, 3]) picture.value = pictureAt(step)
  expect(reel.ready.value).toBe(true)
  expect(steps()).toEqual([1, 2, 3])
  // An end that is shown apart from the next beginning is no episode of its own.
  picture.value = pictureAt(4, true)
  picture.value = pictureAt(1, true)
  picture.value = pictureAt(3)
  expect(steps()).toEqual([1, 2, 3])
  picture.value = pictureAt(1, true)
  expect(steps()).toEqual([1, 3])
  // A step that was not shown takes its time all the same.
  expect(timesOf(reel.frames())).toEqual([
    { at: 0, seconds: 0.1 },
    { at: 0.1, seconds: 0.05 },
  ])
  about.value = {} as About
  expect(reel.ready.value).toBe(false)
  expect(steps()).toEqual([])
})
