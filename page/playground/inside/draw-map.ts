import { CELLS, type ValueMap } from '../training/maps.ts'
import type { Seen } from '../training/seen.ts'
import type { ChoiceAbout } from '../world/choices.ts'
import { along, type NamedAxis } from './axes.ts'

/** From low to high: dark blue, green, yellow (after viridis), for every kind of colour vision. */
const STOPS = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
]

/** A share from 0 to 1 as red, green and blue. */
export function colourAt(share: number): [number, number, number] {
  const at = Math.min(1, Math.max(0, share)) * (STOPS.length - 1)
  const i = Math.min(STOPS.length - 2, Math.floor(at))
  return [0, 1, 2].map(c => STOPS[i][c] + (STOPS[i + 1][c] - STOPS[i][c]) * (at - i)) as [
    number,
    number,
    number,
  ]
}

export type SeenBy = 'reward' | 'age'

export interface MapPicture {
  map: ValueMap
  show: 'q' | 'disagreement'
  axes: readonly [NamedAxis, NamedAxis]
  seen: readonly Seen[]
  /** What the colours of `seen` say. */
  seenBy: SeenBy
  /** What the choices are, where actions are choices. */
  choices: readonly ChoiceAbout[]
  /** The state that was chosen, in the units of the axes. */
  chosen: readonly [number, number]
}

/** Draws a map all over a canvas; returns the least and the greatest value. */
export function drawMap(
  canvas: HTMLCanvasElement,
  { map, show, axes, seen, seenBy, choices, chosen }: MapPicture,
): [number, number] {
  const context = canvas.getContext('2d')!
  const values = map[show]
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  const image = new ImageData(CELLS, CELLS)
  for (let row = 0; row < CELLS * CELLS; row++) {
    const [x, y] = [row % CELLS, CELLS - 1 - Math.floor(row / CELLS)]
    image.data.set([...colourAt((values[row] - low) / (high - low || 1)), 255], 4 * (y * CELLS + x))
  }
  const cells = new OffscreenCanvas(CELLS, CELLS)
  cells.getContext('2d')!.putImageData(image, 0, 0)
  context.imageSmoothingEnabled = true
  context.drawImage(cells, 0, 0, canvas.width, canvas.height)
  if (map.action) drawArrows(context, canvas, map.action)
  if (map.choice) drawChoices(context, canvas, map.choice, choices)

  const place = ([x, y]: readonly [number, number]): [number, number] => [
    ((x - axes[0].low) / (axes[0].high - axes[0].low)) * canvas.width,
    (1 - (y - axes[1].low) / (axes[1].high - axes[1].low)) * canvas.height,
  ]
  drawSeen(context, { axes, seen, seenBy }, place)
  const [x, y] = place(chosen)
  context.lineWidth = 3
  for (const [radius, colour] of [
    [8, '#000000'],
    [6, '#ffffff'],
  ] as const) {
    context.strokeStyle = colour
    context.beginPath()
    context.arc(x, y, radius, 0, 2 * Math.PI)
    context.stroke()
  }
  return [low, high]
}

/** The first action at every fourth cell: to the right if positive, as long as it is large. */
function drawArrows(
  context: CanvasRenderingContext2D,
  canvas: HTMLCanvasElement,
  action: Float32Array,
): void {
  const cell = canvas.width / CELLS
  const draw = beginArrows(context, cell)
  everyFourth(canvas, (row, x, y) => draw(x, y, action[row] * 1.7 * cell, 0))
  context.stroke()
}

/** The likeliest choice at every fourth cell: where it pushes, a ring for none, its number if nothing is known of it. */
function drawChoices(
  context: CanvasRenderingContext2D,
  canvas: HTMLCanvasElement,
  choice: Uint16Array,
  choices: readonly ChoiceAbout[],
): void {
  const cell = canvas.width / CELLS
  const draw = beginArrows(context, cell)
  context.font = `${2 * cell}px system-ui, sans-serif`
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.fillStyle = context.strokeStyle
  everyFourth(canvas, (row, x, y) => {
    const arrow = choices[choice[row]]?.arrow
    if (!arrow) context.fillText(String(choice[row]), x, y)
    else if (arrow[0] !== 0 || arrow[1] !== 0) draw(x, y, 1.4 * cell * arrow[0], -1.4 * cell * arrow[1])
    else {
      context.moveTo(x + 0.4 * cell, y)
      context.arc(x, y, 0.4 * cell, 0, 2 * Math.PI)
    }
  })
  context.stroke()
}

/** Calls `draw` with the middle of every fourth cell, in pixels, and its row in a map. */
function everyFourth(canvas: HTMLCanvasElement, draw: (row: number, x: number, y: number) => void): void {
  for (let row = 2; row < CELLS; row += 4) {
    for (let column = 2; column < CELLS; column += 4) {
      const x = ((column + 0.5) / CELLS) * canvas.width
      draw(row * CELLS + column, x, canvas.height * (1 - (row + 0.5) / CELLS))
    }
  }
}

/** Begins a path of arrows; what it returns adds one of half the length (dx, dy) about (x, y). */
function beginArrows(context: CanvasRenderingContext2D, cell: number) {
  context.lineWidth = Math.max(1.5, cell / 8)
  context.strokeStyle = 'rgba(255, 255, 255, 0.85)'
  context.beginPath()
  return (x: number, y: number, dx: number, dy: number): void => {
    const length = Math.hypot(dx, dy)
    if (length === 0) return
    const head = Math.min(length, 0.6 * cell) / length
    const [backX, backY] = [x + dx - head * dx, y + dy - head * dy]
    context.moveTo(x - dx, y - dy)
    context.lineTo(x + dx, y + dy)
    context.lineTo(backX - head * dy, backY + head * dx)
    context.moveTo(x + dx, y + dy)
    context.lineTo(backX + head * dy, backY - head * dx)
  }
}

/** States from the replay buffer: brighter for a greater reward, or whiter for newer ones. */
function drawSeen(
  context: CanvasRenderingContext2D,
  { axes, seen, seenBy }: Pick<MapPicture, 'axes' | 'seen' | 'seenBy'>,
  place: (at: readonly [number, number]) => [number, number],
): void {
  const values = seen.map(({ reward, age }) => (seenBy === 'age' ? -age : reward))
  const [low, high] = [Math.min(...values), Math.max(...values)]
  for (const [i, { observation }] of seen.entries()) {
    const share = (values[i] - low) / (high - low || 1)
    const colour = seenBy === 'age' ? new Array(3).fill(255 * share) : colourAt(share)
    const [x, y] = place([along(axes[0], observation), along(axes[1], observation)])
    context.beginPath()
    context.arc(x, y, 3.5, 0, 2 * Math.PI)
    context.fillStyle = `rgb(${colour.map(Math.round).join()})`
    context.fill()
    context.lineWidth = 1
    context.strokeStyle = 'rgba(0, 0, 0, 0.6)'
    context.stroke()
  }
}
