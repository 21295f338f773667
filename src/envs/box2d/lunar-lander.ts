import { discrete } from '../../env/discrete.ts'
import type { Env } from '../../env/env.ts'
import { requireFlag, requireNumber } from '../../env/require.ts'
import { box } from '../../env/spaces.ts'
import { cos, sin, tanh } from '../../portable-math.ts'
import { type Draws, type Episode, episodicEnv } from './episodes.ts'
import { landerScene } from './lunar-lander-scene.ts'
import {
  createPhysics,
  FPS,
  fromPixels,
  handlesOf,
  loadPlanck,
  PIXELS,
  type Planck,
  rectangle,
  VIEW,
} from './world.ts'

const ID = 'LunarLanderContinuous-v3'
const CHOICE_ID = 'LunarLander-v3'
const { width: WIDTH, height: HEIGHT } = VIEW
const PAD_HEIGHT = HEIGHT / 4
const MAIN_ENGINE_POWER = 13
const SIDE_ENGINE_POWER = 0.6

/** Impulses are applied where engines are, given in m from the centre of the lander. */
const MAIN_ENGINE_DOWN = 4 / PIXELS
const SIDE_ENGINE_OUT = 12 / PIXELS
/**
 * Side engines push 14 pixels up from the centre if the lander is upright, but 17 if it lies on its side: a slip
 * in the definition that became part of it.
 */
const SIDE_ENGINE_UP = { x: 17 / PIXELS, y: 14 / PIXELS }

const LANDER = fromPixels([
  [-14, 17],
  [-17, 0],
  [-17, -10],
  [17, -10],
  [17, 0],
  [14, 17],
])
const LEG_DOWN = 18 / PIXELS

/** What `createLunarLander` takes. */
export interface LunarLanderOptions {
  /** Whether the engines are throttled; if not, one chooses which of them fires. True by default. */
  continuous?: boolean
  /** Vertical acceleration in m/s^2, in (-12, 0); -10 by default. */
  gravity?: number
  /** Whether wind blows until a leg touches the ground; false by default. */
  enableWind?: boolean
  /** Largest sideways force of the wind in N; 15 by default, at most 20 is recommended. */
  windPower?: number
  /** Largest torque of the wind in N m; 1.5 by default, at most 2 is recommended. */
  turbulencePower?: number
}

/**
 * `LunarLanderContinuous-v3` of Gymnasium: land between two flags, softly, with little fuel.
 *
 * Observation (8): position from the pad in half views, velocity in about 5 half views/s, angle in rad, angular
 * velocity in 2.5 rad/s, and whether the left and right leg touch the ground. Action (2) in [-1, 1], clipped: main
 * engine, off up to 0 and from half to full power above; side engines, off within [-0.5, 0.5], above which they push
 * to the right and turn clockwise, and the opposite below.
 *
 * With `continuous: false` it is `LunarLander-v3`, and the action a choice: 0 does nothing, 1 fires the side engine that
 * pushes to the left, 2 the main engine, 3 the side engine that pushes to the right, each at full power.
 *
 * Reward: the gain in closeness, slowness, uprightness and legs on the ground, less fuel. Terminates with -100
 * where the body touches the ground or leaves the view sideways, with 100 where it comes to rest. About 200 is a
 * landing. Has no time limit of its own; `makeEnv('LunarLanderContinuous-v3')` adds that of 1000 steps.
 *
 * Runs on planck. Answers at once; the same on every run of one JavaScript engine, bit for bit. Until the first
 * `reset` with a seed the starts are random ones.
 *
 * @throws RangeError if gravity is not in (-12, 0) or a power not a finite number; TypeError if `enableWind` or `continuous`
 * is neither true nor false; Error if planck is not installed (the promise rejects)
 */
export async function createLunarLander(options: LunarLanderOptions = {}): Promise<Env> {
  const { gravity = -10, enableWind, continuous = true, ...powers } = options
  requireFlag('continuous', continuous)
  for (const [name, value] of Object.entries({ gravity, ...powers })) {
    if (value !== undefined) requireNumber(name, value)
  }
  if (enableWind !== undefined) requireFlag('enableWind', enableWind)
  if (!(gravity > -12 && gravity < 0)) {
    throw new RangeError(`gravity is ${gravity}: it must be between -12 and 0, as Gymnasium has it`)
  }
  const id = continuous ? ID : CHOICE_ID
  const planck = await loadPlanck(id)
  const begin = (random: Draws) => beginLanding(planck, random, options)
  const high = [2.5, 2.5, 10, 10, 2 * Math.PI, 10, 1, 1]
  return episodicEnv({
    id,
    observationSpace: box({ low: high.map((bound, i) => (i < 6 ? -bound : 0)), high }),
    ...(continuous
      ? { actionSpace: box({ low: -1, high: 1, shape: [2] }), begin }
      : { actionSpace: discrete(THROTTLES.length), begin: random => withChoices(begin(random)) }),
  })
}

/** Main and side engine of each choice. */
const THROTTLES = [
  [0, 0],
  [0, -1],
  [1, 0],
  [0, 1],
]

/** An episode in which one chooses the engine. */
export const withChoices = (episode: Episode): Episode => ({
  ...episode,
  step: action => episode.step(THROTTLES[action[0]]),
})

/** The moon with a lander above it, pushed in a random direction. */
export function beginLanding(
  planck: Planck,
  random: Draws,
  { gravity, enableWind = false, windPower = 15, turbulencePower = 1.5 }: LunarLanderOptions = {},
): Episode {
  const { world, addPart, addHinge, advance, isTouching, hasTouched } = createPhysics(planck, gravity)

  const surface = drawSurface(random)
  const ground = world.createBody()
  ground.createFixture({ shape: new planck.Edge({ x: 0, y: 0 }, { x: WIDTH, y: 0 }) })
  for (let i = 1; i < surface.length; i++) {
    ground.createFixture({ shape: new planck.Edge(surface[i - 1], surface[i]), friction: 0.1 })
  }

  const start = { x: WIDTH / 2, y: HEIGHT }
  const lander = addPart({ outline: LANDER, density: 5, friction: 0.1, position: start })
  const push = { x: random.uniform(-1000, 1000), y: random.uniform(-1000, 1000) }
  lander.applyForceToCenter(push, true)
  const wind = enableWind ? createWind(random) : undefined

  const legs = [-1, 1].map(side => {
    const out = (side * 20) / PIXELS
    const leg = addPart({
      outline: rectangle(2 / PIXELS, 8 / PIXELS),
      density: 1,
      position: { x: start.x - out, y: start.y },
      angle: 0.05 * side,
    })
    addHinge({
      bodies: [lander, leg],
      anchors: [
        { x: 0, y: 0 },
        { x: out, y: LEG_DOWN },
      ],
      limits: side < 0 ? [0.4, 0.9] : [-0.9, -0.4],
      motorSpeed: 0.3 * side,
      maxMotorTorque: 40,
    })
    return leg
  })

  // To look at only.
  let engines = { main: 0, side: 0 }

  /** Fires the engines. Answers their powers: 0, or from 0.5 to 1. */
  function fire(action: ArrayLike<number>): { main: number; side: number } {
    const tip = { x: sin(lander.getAngle()), y: cos(lander.getAngle()) }
    const { x, y } = lander.getPosition()
    const dispersion = [random.uniform(-1, 1) / PIXELS, random.uniform(-1, 1) / PIXELS]

    /** A push against a point `down` towards the legs and `out` to the left of the lander's centre. */
    function thrust(down: number, out: number, up: { x: number; y: number }, power: number) {
      const offset = { x: tip.x * down - tip.y * out, y: -tip.y * down - tip.x * out }
      const point = { x: x + offset.x - tip.x * up.x, y: y + offset.y + tip.y * up.y }
      lander.applyLinearImpulse({ x: -offset.x * power, y: -offset.y * power }, point, true)
    }

    const main = action[0] > 0 ? 0.5 + 0.5 * Math.min(action[0], 1) : 0
    if (main > 0) {
      thrust(MAIN_ENGINE_DOWN + 2 * dispersion[0], dispersion[1], { x: 0, y: 0 }, MAIN_ENGINE_POWER * main)
    }
    const side = Math.abs(action[1]) > 0.5 ? Math.min(Math.abs(action[1]), 1) : 0
    if (side > 0) {
      const out = 3 * dispersion[1] + Math.sign(action[1]) * SIDE_ENGINE_OUT
      thrust(dispersion[0], out, SIDE_ENGINE_UP, SIDE_ENGINE_POWER * side)
    }
    engines = { main, side: Math.sign(action[1]) * side }
    return { main, side }
  }

  function observe(): number[] {
    const position = lander.getPosition()
    const velocity = lander.getLinearVelocity()
    return [
      (position.x - WIDTH / 2) / (WIDTH / 2),
      (position.y - (PAD_HEIGHT + LEG_DOWN)) / (HEIGHT / 2),
      (velocity.x * (WIDTH / 2)) / FPS,
      (velocity.y * (HEIGHT / 2)) / FPS,
      lander.getAngle(),
      (20 * lander.getAngularVelocity()) / FPS,
      Number(isTouching(legs[0])),
      Number(isTouching(legs[1])),
    ]
  }

  let shaping: number | undefined

  return {
    step(action) {
      if (wind && !legs.some(isTouching)) {
        const { force, torque } = wind()
        lander.applyForceToCenter({ x: force * windPower, y: 0 }, true)
        lander.applyTorque(torque * turbulencePower, true)
      }
      const { main, side } = fire(action)
      advance()

      const o = observe()
      const before = shaping
      shaping =
        -100 * Math.sqrt(o[0] * o[0] + o[1] * o[1]) -
        100 * Math.sqrt(o[2] * o[2] + o[3] * o[3]) -
        100 * Math.abs(o[4]) +
        10 * (o[6] + o[7])
      let reward = shaping - (before ?? shaping) - 0.3 * main - 0.03 * side
      const crashed = hasTouched(lander) || Math.abs(o[0]) >= 1
      const landed = !lander.isAwake()
      if (crashed) reward = -100
      if (landed) reward = 100
      return { observation: Float32Array.from(o), reward, terminated: crashed || landed, truncated: false }
    },
    handles: () => handlesOf({ lander, 'left leg': legs[0], 'right leg': legs[1] }),
    scene: () => landerScene({ surface, padHeight: PAD_HEIGHT, lander, legs, engines }),
  }
}

/** The surface from left to right: rough, with a level pad in the middle. */
function drawSurface(random: Draws): { x: number; y: number }[] {
  const heights = Array.from({ length: 12 }, () => random.uniform(0, HEIGHT / 2)).map((height, i) =>
    i >= 3 && i <= 7 ? PAD_HEIGHT : height,
  )
  return Array.from({ length: 11 }, (_, i) => ({
    x: (WIDTH / 10) * i,
    // The neighbour of the first is the last.
    y: 0.33 * (heights.at(i - 1)! + heights[i] + heights[i + 1]),
  }))
}

/** Wind that never repeats: force and torque in [-1, 1], each from a random place of one curve. */
function createWind(random: Draws): () => { force: number; torque: number } {
  const curve = (i: number) => tanh(sin(0.02 * i) + sin(Math.PI * 0.01 * i))
  const draw = () => random.integer(2 * 9999) - 9999
  let forceIndex = draw()
  let torqueIndex = draw()
  return () => ({ force: curve(forceIndex++), torque: curve(torqueIndex++) })
}
