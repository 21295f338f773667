import { CELLS, type ValueMap } from '../training/maps.ts'
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

export interface MapPicture {
  map: ValueMap
  show: 'q' | 'disagreement'
  axes: readonly [NamedAxis, NamedAxis]
  seen: readonly { observation: number[]; reward: number }[]
  /** The state that was chosen, in the units of the axes. */
  chosen: readonly [number, number]
}

/** Draws a map all over a canvas; returns the least and the greatest value. */
export function drawMap(
  canvas: HTMLCanvasElement,
  { map, show, axes, seen, chosen }: MapPicture,
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
  drawArrows(context, canvas, map.action)

  const place = ([x, y]: readonly [number, number]): [number, number] => [
    ((x - axes[0].low) / (axes[0].high - axes[0].low)) * canvas.width,
    (1 - (y - axes[1].low) / (axes[1].high - axes[1].low)) * canvas.height,
  ]
  drawSeen(context, axes, seen, place)
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
  context.lineWidth = Math.max(1.5, cell / 8)
  context.strokeStyle = 'rgba(255, 255, 255, 0.85)'
  context.beginPath()
  for (let row = 2; row < CELLS; row += 4) {
    for (let column = 2; column < CELLS; column += 4) {
      const length = action[row * CELLS + column] * 1.7 * cell
      const x = (column + 0.5) * cell
      const y = canvas.height * (1 - (row + 0.5) / CELLS)
      const head = Math.sign(length) * Math.min(Math.abs(length), 0.6 * cell)
      context.moveTo(x - length, y)
      context.lineTo(x + length, y)
      context.lineTo(x + length - head, y - Math.abs(head))
      context.moveTo(x + length, y)
      context.lineTo(x + length - head, y + Math.abs(head))
    }
  }
  context.stroke()
}

/** States from the replay buffer, brighter for a greater reward. */
function drawSeen(
  context: CanvasRenderingContext2D,
  axes: readonly [NamedAxis, NamedAxis],
  seen: MapPicture['seen'],
  place: (at: readonly [number, number]) => [number, number],
): void {
  const rewards = seen.map(({ reward }) => reward)
  const [low, high] = [Math.min(...rewards), Math.max(...rewards)]
  for (const { observation, reward } of seen) {
    const [x, y] = place([along(axes[0], observation), along(axes[1], observation)])
    context.beginPath()
    context.arc(x, y, 3.5, 0, 2 * Math.PI)
    context.fillStyle = `rgb(${colourAt((reward - low) / (high - low || 1))
      .map(Math.round)
      .join()})`
    context.fill()
    context.lineWidth = 1
    context.strokeStyle = 'rgba(0, 0, 0, 0.6)'
    context.stroke()
  }
}
