/** The rules: a ball between two bats, on a court one high and one and a half wide. No pictures, no learning. */

export const WIDTH = 1.5
/** Half of a bat's height. */
export const REACH = 0.11
/** How far a bat moves in a step, at most. */
const SPEED = 0.05

export interface Court {
  x: number
  y: number
  vx: number
  vy: number
  /** Heights of the left bat and of the right one. */
  left: number
  right: number
}

export const serve = (random: () => number): Court => ({
  x: WIDTH / 2,
  y: 0.2 + 0.6 * random(),
  vx: random() < 0.5 ? 0.03 : -0.03,
  vy: 0.04 * (random() - 0.5),
  left: 0.5,
  right: 0.5,
})

const within = (value: number, margin: number) => Math.min(Math.max(value, margin), 1 - margin)

/** Who hit or missed the ball in a step. */
export type Outcome = 'left hits' | 'right hits' | 'left misses' | 'right misses' | undefined

/** One step, in place: both bats move by -1 to 1 times their speed, then the ball. */
export function play(court: Court, moveLeft: number, moveRight: number): Outcome {
  court.left = within(court.left + SPEED * moveLeft, REACH)
  court.right = within(court.right + SPEED * moveRight, REACH)
  court.x += court.vx
  court.y += court.vy
  if (court.y < 0 || court.y > 1) {
    court.vy = -court.vy
    court.y = Math.min(Math.max(court.y, 0), 1)
  }
  if (court.x > 0 && court.x < WIDTH) return undefined
  const side = court.x <= 0 ? 'left' : 'right'
  const offset = (court.y - court[side]) / REACH
  if (Math.abs(offset) > 1) return `${side} misses`
  court.vx = -court.vx
  // Where it meets the bat says where it goes.
  court.vy = Math.min(Math.max(court.vy + 0.015 * offset, -0.035), 0.035)
  court.x = Math.min(Math.max(court.x, 0), WIDTH)
  return `${side} hits`
}

/** What the right bat sees: five numbers of about 1. */
export const look = ({ x, y, vx, vy, right }: Court): number[] => [
  (x / WIDTH) * 2 - 1,
  (y - right) * 3,
  vx / 0.03,
  vy / 0.03,
  right * 2 - 1,
]
