import type { Env, Handle } from '../../../src/index.ts'

/** Where a pointer is: a point of a plane scene, or a ray into space. */
export type Pointer =
  | { point: [number, number] }
  | { from: [number, number, number]; direction: [number, number, number] }

/** How stiff the spring is between a hand and what it holds, in 1/s, and the most that it pulls, in m/s^2. */
const STIFFNESS = 9
const STRONGEST = 60
const GUST = 25
const GUST_SECONDS = 0.4

interface Grip {
  name: string
  /** How far along the pointer's ray it was taken; 0 in a plane. */
  depth: number
  before?: readonly number[]
}

/** What people do to an environment: hold a part of it, blow at it, push it by keys. */
export function createHands() {
  let pointer: Pointer | undefined
  let grip: Grip | undefined
  let gust = { left: 0, strength: 0 }
  let push: readonly [number, number] = [0, 0]

  /** Before each step of `seconds`; answers whether anything was done. */
  function act(env: Env, seconds: number): boolean {
    const idle = !pointer && gust.left <= 0 && push[0] === 0 && push[1] === 0
    if (idle || !env.handles) return false
    const handles = env.handles()
    if (pointer) pull(handles, pointer, seconds)
    const wind = gust.left > 0 ? gust.strength : 0
    gust.left -= seconds
    const sideways = wind + push[0]
    const upwards = push[1]
    if (sideways === 0 && upwards === 0) return true
    // All parts together, each its share, are moved once.
    for (const { position, push } of handles) {
      const acceleration = position.length === 3 ? [sideways, 0, upwards] : [sideways, upwards]
      push(acceleration.map(value => value / handles.length))
    }
    return true
  }

  function pull(handles: readonly Handle[], pointer: Pointer, seconds: number): void {
    grip ??= nearest(handles, pointer)
    const held = handles.find(({ name }) => name === grip?.name)
    if (!grip || !held) return
    const target = placeOf(pointer, grip.depth)
    const { position } = held
    const before = grip.before ?? position
    const acceleration = Array.from(position, (at, axis) => {
      const velocity = (at - before[axis]) / seconds
      return STIFFNESS ** 2 * (target[axis] - at) - 1.2 * STIFFNESS * velocity
    })
    const size = Math.hypot(...acceleration)
    held.push(acceleration.map(value => value * Math.min(1, STRONGEST / size)))
    grip.before = position
  }

  return {
    act,
    /** Takes what is nearest, and pulls it along until `undefined`. */
    point(at: Pointer | undefined): void {
      pointer = at
      if (!at) grip = undefined
    },
    gust(direction: -1 | 1): void {
      gust = { left: GUST_SECONDS, strength: direction * GUST }
    },
    /** Pushes all of it as long as keys are held, in m/s^2. */
    push(acceleration: readonly [number, number]): void {
      push = acceleration
    },
  }
}

export type Hands = ReturnType<typeof createHands>

const placeOf = (pointer: Pointer, depth: number): readonly number[] =>
  'point' in pointer ? pointer.point : pointer.from.map((x, axis) => x + depth * pointer.direction[axis])

/** The handle nearest to a pointer. */
function nearest(handles: readonly Handle[], pointer: Pointer): Grip | undefined {
  const grips = handles.map(({ name, position }) => {
    const depth =
      'point' in pointer
        ? 0
        : pointer.direction.reduce((sum, d, axis) => sum + d * (position[axis]! - pointer.from[axis]), 0)
    const place = placeOf(pointer, depth)
    return { name, depth, distance: Math.hypot(...position.map((x, axis) => x - place[axis])) }
  })
  grips.sort((a, b) => a.distance - b.distance)
  return grips[0]
}
