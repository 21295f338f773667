import { useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { drawScene, type Scene, type Scene2d } from '../../../src/index.ts'
import type { Picture as Moment } from '../training/reports.ts'
import type { Run } from '../training/run.ts'
import { between } from './between.ts'
import { createSolidPainter } from './solid-painter.ts'

/** What is shown between two pictures. */
interface Motion {
  from?: Moment
  to: Moment
  since: number
}

/** The environment, moving as smoothly as the screen is. */
export function Picture({ run, label }: { run: Pick<Run, 'picture'>; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const motion = useRef<Motion>(undefined)
  const frame = useRef(0)
  const solid = useRef(createSolidPainter())

  function draw() {
    frame.current = 0
    const element = canvas.current
    const { from, to, since } = motion.current ?? {}
    if (!element || !to) return
    const share = Math.min(1, (performance.now() - since!) / (1000 * to.seconds))
    const before = to.cut ? undefined : from
    paint(
      element,
      to.scenes.map((scene, i) => between(before?.scenes[i], scene, share)),
      solid.current,
    )
    if (share < 1) frame.current = requestAnimationFrame(draw)
  }

  useSignalEffect(() => {
    const to = run.picture.value
    if (!to) return
    motion.current = { from: motion.current?.to, to, since: performance.now() }
    frame.current ||= requestAnimationFrame(draw)
  })

  useEffect(() => {
    const element = canvas.current!
    const observer = new ResizeObserver(() => {
      const scale = Math.min(2, devicePixelRatio)
      element.width = Math.round(element.clientWidth * scale)
      element.height = Math.round(element.clientHeight * scale)
      draw()
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
      cancelAnimationFrame(frame.current)
    }
  }, [])

  return <canvas ref={canvas} class="world" role="img" aria-label={label} />
}

type SolidPainter = ReturnType<typeof createSolidPainter>

/** All copies, in a grid. */
function paint(canvas: HTMLCanvasElement, scenes: readonly Scene[], solid: SolidPainter): void {
  const context = canvas.getContext('2d')!
  const columns = Math.ceil(Math.sqrt(scenes.length))
  const rows = Math.ceil(scenes.length / columns)
  const size = { width: Math.floor(canvas.width / columns), height: Math.floor(canvas.height / rows) }
  context.setTransform(1, 0, 0, 1, 0, 0)
  context.clearRect(0, 0, canvas.width, canvas.height)
  for (const [i, scene] of scenes.entries()) {
    const [x, y] = [(i % columns) * size.width, Math.floor(i / columns) * size.height]
    if (scene.dimensions === 3) context.drawImage(solid(scene, size), x, y, size.width, size.height)
    else if (scenes.length === 1) drawScene(context, scene, size)
    else context.drawImage(drawnAside(scene, size), x, y)
  }
}

let aside: OffscreenCanvas | undefined

/** A scene is drawn all over its canvas, so that a copy needs one of its own. */
function drawnAside(scene: Scene2d, { width, height }: { width: number; height: number }): OffscreenCanvas {
  if (aside?.width !== width || aside.height !== height) aside = new OffscreenCanvas(width, height)
  drawScene(aside.getContext('2d')!, scene, { width, height })
  return aside
}
