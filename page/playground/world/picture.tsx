import { useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { drawScene, type Scene, type Scene2d } from '../../../src/index.ts'
import type { Picture as Moment } from '../training/reports.ts'
import type { Run } from '../training/run.ts'
import { between } from './between.ts'
import { draggedBy, type Orbit, orbited, turnedBy, UNTURNED } from './orbit.ts'
import { pointerAt } from './pointer.ts'
import { createSpacePainter, type SpacePainter } from './space-painter.ts'

/** What is shown; with `remote` it can be touched. */
interface Shown extends Pick<Run, 'picture'> {
  remote?: Pick<Run['remote'], 'point' | 'push'>
}

/** Who drives it by keys, in place of pushing it. */
interface Drives {
  /** Answers whether the key is one of the controls. */
  press(key: string, down: boolean): boolean
  letGo(): void
}

/** What the arrow keys push with, in m/s^2. */
const PUSHES: Record<string, [number, number]> = {
  ArrowLeft: [-16, 0],
  ArrowRight: [16, 0],
  ArrowUp: [0, 16],
  ArrowDown: [0, -16],
}

/** What is shown between two pictures. */
interface Motion {
  from?: Moment
  to: Moment
  since: number
}

/** The environment, moving as smoothly as the screen is. */
export function Picture({ run, label, drives }: { run: Shown; label: string; drives?: Drives }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const motion = useRef<Motion>(undefined)
  const frame = useRef(0)
  const space = useRef<SpacePainter>(undefined)
  space.current ??= createSpacePainter()
  const orbit = useRef(UNTURNED)
  const turning = useRef<[number, number]>(undefined)

  function draw() {
    frame.current = 0
    const element = canvas.current
    const { from, to, since } = motion.current ?? {}
    if (!element || !to) return
    const share = Math.min(1, (performance.now() - since!) / (1000 * to.seconds))
    const before = to.cut ? undefined : from
    paint(
      element,
      to.scenes.map((scene, i) => turned(between(before?.scenes[i], scene, share), orbit.current)),
      space.current!,
    )
    element.dataset.by = to.scenes[0].dimensions === 3 ? space.current!.by : 'canvas'
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

  function turn(next: Orbit): void {
    orbit.current = next
    frame.current ||= requestAnimationFrame(draw)
  }

  // Whoever drives needs the keys at once.
  const driving = drives !== undefined
  useEffect(() => {
    if (driving) canvas.current?.focus()
  }, [driving])

  /** Taken, and pulled along, until the pointer is lifted. */
  const hold = (event: PointerEvent) => {
    const element = canvas.current!
    const scene = motion.current?.to.scenes
    if (!run.remote || scene?.length !== 1 || event.buttons === 0) return
    element.setPointerCapture(event.pointerId)
    // With Shift or the second button the camera is turned instead.
    if (turning.current || (scene[0].dimensions === 3 && (event.shiftKey || event.buttons === 2))) {
      const [x, y] = turning.current ?? [event.clientX, event.clientY]
      turning.current = [event.clientX, event.clientY]
      return turn(draggedBy(orbit.current, event.clientX - x, event.clientY - y))
    }
    const { left, top, width, height } = element.getBoundingClientRect()
    run.remote?.point(
      pointerAt(
        turned(scene[0], orbit.current),
        { width, height },
        event.clientX - left,
        event.clientY - top,
      ),
    )
  }
  const release = () => {
    turning.current = undefined
    run.remote?.point(undefined)
  }
  const keys = useRef(new Set<string>())
  const press = (event: KeyboardEvent) => {
    if (!run.remote) return
    const next = motion.current?.to.scenes[0].dimensions === 3 ? turnedBy(orbit.current, event) : undefined
    if (next) {
      event.preventDefault()
      if (event.type === 'keydown') turn(next)
      return
    }
    if (drives) {
      if (drives.press(event.key, event.type === 'keydown')) event.preventDefault()
      return
    }
    if (!PUSHES[event.key]) return
    event.preventDefault()
    if (event.type === 'keydown') keys.current.add(event.key)
    else keys.current.delete(event.key)
    const sum = [...keys.current].reduce(([x, y], key) => [x + PUSHES[key][0], y + PUSHES[key][1]], [0, 0])
    run.remote?.push(sum as [number, number])
  }
  const letGo = () => {
    keys.current.clear()
    if (drives) return drives.letGo()
    run.remote?.push([0, 0])
  }

  return (
    <canvas
      ref={canvas}
      class="world"
      role={run.remote ? 'application' : 'img'}
      aria-label={
        drives
          ? `${label}. You drive it by keys.`
          : run.remote
            ? `${label}. Drag it, or push it with the arrow keys.`
            : label
      }
      tabIndex={run.remote ? 0 : undefined}
      onPointerDown={hold}
      onPointerMove={hold}
      onPointerUp={release}
      onPointerCancel={release}
      onContextMenu={event => motion.current?.to.scenes[0].dimensions === 3 && event.preventDefault()}
      onKeyDown={press}
      onKeyUp={press}
      onBlur={letGo}
    />
  )
}

const turned = (scene: Scene, orbit: Orbit): Scene =>
  scene.dimensions === 3 && orbit !== UNTURNED ? { ...scene, camera: orbited(scene.camera, orbit) } : scene

/** All copies, in a grid. */
function paint(canvas: HTMLCanvasElement, scenes: readonly Scene[], space: SpacePainter): void {
  const context = canvas.getContext('2d')!
  const columns = Math.ceil(Math.sqrt(scenes.length))
  const rows = Math.ceil(scenes.length / columns)
  const size = { width: Math.floor(canvas.width / columns), height: Math.floor(canvas.height / rows) }
  context.setTransform(1, 0, 0, 1, 0, 0)
  context.clearRect(0, 0, canvas.width, canvas.height)
  for (const [i, scene] of scenes.entries()) {
    const [x, y] = [(i % columns) * size.width, Math.floor(i / columns) * size.height]
    if (scene.dimensions === 3) context.drawImage(space.paint(scene, size), x, y, size.width, size.height)
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
