import type { Body, MassData, PolygonShape, RevoluteJoint, Vec2Value, World } from 'planck'
import type { Handle } from '../../env/env.ts'
import type { Point2 } from '../../env/scene.ts'

/** The physics engine's module: a port of Box2D 2.3, which Gymnasium uses, to TypeScript. */
export type Planck = typeof import('planck')

/** Pixels to a metre: many lengths are defined in pixels of the original 600 x 400 picture. */
export const PIXELS = 30
/** Time steps to a second. */
export const FPS = 50
/** Width and height of the view in m. */
export const VIEW = { width: 600 / PIXELS, height: 400 / PIXELS }

/** Collision category of the ground, which everything touches. */
const GROUND = 0x0001
/** Collision category of robots, which touch the ground alone and so never themselves. */
const ROBOT = 0x0020

/** Bodies and joints as the Box2D environments of Gymnasium make them. Lengths in m, angles in rad, SI units. */
export interface Physics {
  readonly world: World
  /**
   * A moving body, which collides with the ground alone. Its outline is convex and given in its own frame, its
   * density in kg/m^2.
   */
  addPart(part: {
    outline: Vec2Value[]
    density: number
    friction?: number
    position: Vec2Value
    angle?: number
  }): Body
  /** A hinge with limits and a motor between two bodies, at a point given in the frame of each. */
  addHinge(hinge: {
    bodies: [Body, Body]
    anchors: [Vec2Value, Vec2Value]
    limits: [number, number]
    motorSpeed: number
    maxMotorTorque: number
  }): RevoluteJoint
  /** One time step of 1/50 s. */
  advance(): void
  /** Whether the body stands on the ground: since a contact last began, no other of its contacts has ended. */
  isTouching(body: Body): boolean
  /** Whether the body has ever touched the ground. */
  hasTouched(body: Body): boolean
  /**
   * How much of the way from one point to another is free before it meets the ground: a fraction, 1 if all is.
   */
  clearance(from: Vec2Value, to: Vec2Value): number
}

/**
 * Loads the engine. It is an optional dependency, and should cost nothing for users of other environments.
 *
 * @throws Error that says how to install it if it is missing
 */
export async function loadPlanck(id: string): Promise<Planck> {
  try {
    return await import('planck')
  } catch (error) {
    throw new Error(`${id} needs the physics engine planck, which could not be loaded: npm install planck`, {
      cause: error,
    })
  }
}

/** A shape as the engine's search for neighbours knows it. Not in planck's types. */
interface Proxy {
  proxyId: number
}
interface Internals {
  m_broadPhase: { updatePairs(add: (a: Proxy, b: Proxy) => void): void }
}

/**
 * Makes shapes that come near each other known to the solver in Box2D's order, that of their making.
 *
 * Within its iterations the solver does not settle contacts and joints that contradict each other, as those of a
 * walker do that is made with its feet in the ground: the outcome depends on their order. In planck it comes from
 * the search; with Box2D's, episodes are those of Gymnasium to about 1e-5, without it their first steps differ.
 */
function keepOrderOfBox2d(world: World): void {
  const { m_broadPhase: broadPhase } = world as unknown as Internals
  const search = broadPhase.updatePairs.bind(broadPhase)
  broadPhase.updatePairs = add => {
    const pairs: [Proxy, Proxy][] = []
    search((a, b) => pairs.push([a, b]))
    pairs.sort(([a, b], [c, d]) => a.proxyId - c.proxyId || b.proxyId - d.proxyId)
    for (const [a, b] of pairs) add(a, b)
  }
}

/** An empty world. `gravity` is the vertical acceleration in m/s^2, negative for down. */
export function createPhysics(planck: Planck, gravity = -10): Physics {
  const world = new planck.World({ gravity: { x: 0, y: gravity } })
  keepOrderOfBox2d(world)
  const touching = new Set<Body>()
  const touched = new Set<Body>()
  world.on('begin-contact', contact => {
    for (const body of [contact.getFixtureA().getBody(), contact.getFixtureB().getBody()]) {
      touching.add(body)
      touched.add(body)
    }
  })
  // A foot across two segments of the ground counts as lifted when it leaves the first: Gymnasium has it so.
  world.on('end-contact', contact => {
    touching.delete(contact.getFixtureA().getBody())
    touching.delete(contact.getFixtureB().getBody())
  })

  return {
    world,
    addPart({ outline, density, friction = 0.2, position, angle = 0 }) {
      const body = world.createBody({ type: 'dynamic', position, angle })
      body.createFixture({
        shape: new planck.Polygon(outline),
        density,
        friction,
        filterCategoryBits: ROBOT,
        filterMaskBits: GROUND,
      })
      // planck 1.4.2, the last for Node 20, puts the centre of mass of a polygon at the wrong height.
      body.setMassData(massOf(outline, density))
      return body
    },
    addHinge({ bodies: [bodyA, bodyB], anchors, limits, motorSpeed, maxMotorTorque }) {
      const joint = new planck.RevoluteJoint({
        bodyA,
        bodyB,
        localAnchorA: anchors[0],
        localAnchorB: anchors[1],
        // Angles of the joint count from how the bodies are made.
        referenceAngle: bodyB.getAngle() - bodyA.getAngle(),
        enableLimit: true,
        lowerAngle: limits[0],
        upperAngle: limits[1],
        enableMotor: true,
        motorSpeed,
        maxMotorTorque,
      })
      return world.createJoint(joint)!
    },
    advance: () => world.step(1 / FPS, 180, 60),
    isTouching: body => touching.has(body),
    hasTouched: body => touched.has(body),
    clearance(from, to) {
      let nearest = 1
      world.rayCast(from, to, (fixture, _point, _normal, fraction) => {
        // The answer is where to cut the ray for what follows; -1 passes a fixture by.
        if ((fixture.getFilterCategoryBits() & GROUND) === 0) return -1
        nearest = fraction
        return fraction
      })
      return nearest
    },
  }
}

/** Mass in kg of a polygon, its centre and its moment of inertia about the origin of its frame. */
function massOf(outline: Vec2Value[], density: number): MassData {
  let [area, x, y, inertia] = [0, 0, 0, 0]
  for (const [i, a] of outline.entries()) {
    // Area of the triangle from the origin to one side, negative where it lies outside the polygon.
    const b = outline[(i + 1) % outline.length]
    const triangle = (a.x * b.y - a.y * b.x) / 2
    area += triangle
    x += (triangle * (a.x + b.x)) / 3
    y += (triangle * (a.y + b.y)) / 3
    inertia += (triangle * (a.x * a.x + a.x * b.x + b.x * b.x + a.y * a.y + a.y * b.y + b.y * b.y)) / 6
  }
  // Area is negative if the outline is clockwise, and so are the other sums.
  return {
    mass: density * Math.abs(area),
    center: { x: x / area, y: y / area },
    I: density * Math.abs(inertia),
  }
}

/** Corners of a rectangle about the origin, from half its width and half its height. */
export function rectangle(halfWidth: number, halfHeight: number): Vec2Value[] {
  return [
    { x: -halfWidth, y: -halfHeight },
    { x: halfWidth, y: -halfHeight },
    { x: halfWidth, y: halfHeight },
    { x: -halfWidth, y: halfHeight },
  ]
}

/** A point given in the frame of a body, in the world. */
export function placed(body: Body, point: Vec2Value): Point2 {
  const { x, y } = body.getWorldPoint(point)
  return [x, y]
}

/** Parts of one thing as people push them: each moves all of it. */
export function handlesOf(parts: Record<string, Body>): Handle[] {
  const bodies = Object.values(parts)
  const mass = bodies.reduce((sum, body) => sum + body.getMass(), 0)
  return Object.entries(parts).map(([name, body]) => ({
    name,
    position: placed(body, body.getLocalCenter()),
    push: acceleration =>
      body.applyForceToCenter({ x: mass * acceleration[0], y: mass * acceleration[1] }, true),
  }))
}

/** The corners of a part, in the world. */
export function outlineOf(part: Body): Point2[] {
  const { m_vertices } = part.getFixtureList()!.getShape() as PolygonShape
  return m_vertices.map(corner => placed(part, corner))
}

/** Points given in pixels, in m. */
export function fromPixels(points: readonly (readonly [number, number])[]): Vec2Value[] {
  return points.map(([x, y]) => ({ x: x / PIXELS, y: y / PIXELS }))
}
