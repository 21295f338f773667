/** What an environment looks like, without any library that draws: `src/render` draws it, and so can others. */

/** A colour as in CSS: `#rrggbb`, in two dimensions also `#rrggbbaa`. */
export type Color = `#${string}`

/** x and y in m; y points up. */
export type Point2 = readonly [x: number, y: number]
/** x, y and z in m; z points up. */
export type Point3 = readonly [x: number, y: number, z: number]

/** A picture of an environment at a moment. Values are copies: later steps leave them as they are. */
export type Scene = Scene2d | Scene3d

/** A scene in a plane. */
export interface Scene2d {
  /** Tells it from a scene in space. */
  dimensions: 2
  /** Simulated time from this step to the next in s: a film that plays as fast as the simulation is. */
  timeStep: number
  /** What should be seen; a picture of another aspect shows more on two sides. Lengths in m. */
  view: { left: number; right: number; bottom: number; top: number }
  /** Colour of all that no shape covers. */
  background: Color
  /** From back to front. */
  shapes: readonly Shape2d[]
}

/** How a shape of two dimensions is filled and outlined: neither, either or both. */
export interface Paint {
  /** Colour of the inside. Default: none. */
  fill?: Color
  /** Colour of the outline. Default: none. */
  stroke?: Color
  /** Width of the outline in m. Default 0.03. */
  strokeWidth?: number
}

/** A shape of two dimensions. */
export type Shape2d = Polygon2d | Circle2d | Line2d

/** A closed shape with straight edges. */
export interface Polygon2d extends Paint {
  /** Which shape it is. */
  type: 'polygon'
  /** Its corners, at least three, in m. */
  points: readonly Point2[]
}

/** A circle. */
export interface Circle2d extends Paint {
  /** Which shape it is. */
  type: 'circle'
  /** Its middle. */
  center: Point2
  /** In m. */
  radius: number
}

/** Straight lines from point to point. */
export interface Line2d {
  /** Which shape it is. */
  type: 'line'
  /** What it leads through, at least two points. */
  points: readonly Point2[]
  /** Its colour. */
  stroke: Color
  /** Its width in m. Default 0.03. */
  strokeWidth?: number
}

/** A scene in space. */
export interface Scene3d {
  /** Tells it from a scene in a plane. */
  dimensions: 3
  /** Simulated time from this step to the next in s: a film that plays as fast as the simulation is. */
  timeStep: number
  /** A camera that shows what matters; it follows what moves. */
  camera: Camera
  /** Colours of the horizon, where the ground fades, and of the sky above. */
  background: { horizon: Color; sky: Color }
  /** What there is to see, in any order. */
  geoms: readonly Geom3d[]
}

/** Where a scene is looked at from. Up in the picture is z. */
export interface Camera {
  /** Where the camera is. */
  position: Point3
  /** What is in the middle of the picture, not straight above or below `position`. */
  target: Point3
  /** Angle from the lower to the upper edge of the picture in degrees, in (0, 180). */
  fieldOfView: number
}

/** A solid of three dimensions. */
export interface Geom3d {
  /** Such as `left_shin_1`. */
  name?: string
  /**
   * `sphere`, `capsule` and `cylinder` about, and along, the z axis of their own frame; `box` along its axes; `plane`
   * in x and y of it.
   */
  type: 'plane' | 'sphere' | 'capsule' | 'cylinder' | 'box'
  /**
   * In m. Sphere: radius. Capsule and cylinder: radius, half the length (of a capsule without its ends). Box: half
   * the length along x, y and z. Plane: half the length along x and y, 0 for one without end.
   */
  size: readonly number[]
  /** Position of its middle in the world. */
  position: Point3
  /** Row-major 3 x 3 matrix that turns directions in its own frame to those of the world. */
  rotation: readonly number[]
  /** Colour of its surface. */
  color: Color
  /** For a plane: squares alternate between `color` and this colour, with edges of `tile` m. */
  checker?: { color: Color; tile: number }
}

/** How many numbers the size of each type of geom has. */
export const geomSizes: Readonly<Record<Geom3d['type'], number>> = {
  plane: 2,
  sphere: 1,
  capsule: 2,
  cylinder: 2,
  box: 3,
}
