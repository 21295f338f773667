import type { Paint, Point2, Scene2d, Shape2d } from '../env/scene.ts'
import type { PictureSize } from './picture-size.ts'

/** What is needed of a canvas's two-dimensional context; those of browsers and of @napi-rs/canvas have it. */
export interface CanvasContext {
  /** Colour of what `fill` and `fillRect` draw. */
  fillStyle: unknown
  /** Colour of what `stroke` draws. */
  strokeStyle: unknown
  /** Width of what `stroke` draws, in units of the transform. */
  lineWidth: number
  /** Ends of lines. */
  lineCap: unknown
  /** Corners of lines. */
  lineJoin: unknown
  /** Makes (x, y) the pixel (a x + c y + e, b x + d y + f). */
  setTransform(a: number, b: number, c: number, d: number, e: number, f: number): void
  /** Fills a rectangle. */
  fillRect(x: number, y: number, width: number, height: number): void
  /** Begins another path. */
  beginPath(): void
  /** Joins the path's end to its beginning. */
  closePath(): void
  /** Begins a line. */
  moveTo(x: number, y: number): void
  /** Draws the line on. */
  lineTo(x: number, y: number): void
  /** Adds an arc about (x, y), from one angle to another in radians. */
  arc(x: number, y: number, radius: number, from: number, to: number): void
  /** Fills the path. */
  fill(): void
  /** Outlines the path. */
  stroke(): void
}

/**
 * Draws a scene of two dimensions on a canvas, all over it: its view in the middle, as large as fits.
 *
 * @param size of the canvas in pixels
 * @example
 * const canvas = document.querySelector('canvas')
 * drawScene(canvas.getContext('2d'), env.scene(), canvas)
 */
export function drawScene(
  context: CanvasContext,
  { view, background, shapes }: Scene2d,
  { width, height }: PictureSize,
): void {
  context.setTransform(1, 0, 0, 1, 0, 0)
  context.fillStyle = background
  context.fillRect(0, 0, width, height)

  const scale = Math.min(width / (view.right - view.left), height / (view.top - view.bottom))
  const left = width / 2 - (scale * (view.left + view.right)) / 2
  const bottom = height / 2 + (scale * (view.bottom + view.top)) / 2
  context.setTransform(scale, 0, 0, -scale, left, bottom)
  context.lineCap = 'round'
  context.lineJoin = 'round'
  for (const shape of shapes) {
    context.beginPath()
    trace(context, shape)
    paint(context, shape)
  }
}

function trace(context: CanvasContext, shape: Shape2d): void {
  if (shape.type === 'circle') {
    context.arc(...(shape.center as [number, number]), shape.radius, 0, 2 * Math.PI)
    return
  }
  for (const [i, [x, y]] of (shape.points as Point2[]).entries()) {
    if (i === 0) context.moveTo(x, y)
    else context.lineTo(x, y)
  }
  if (shape.type === 'polygon') context.closePath()
}

function paint(context: CanvasContext, { fill, stroke, strokeWidth = 0.03 }: Paint): void {
  if (fill) {
    context.fillStyle = fill
    context.fill()
  }
  if (stroke) {
    context.strokeStyle = stroke
    context.lineWidth = strokeWidth
    context.stroke()
  }
}
