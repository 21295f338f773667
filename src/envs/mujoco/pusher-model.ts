import {
  type Body,
  floor,
  type Joint,
  type ModelDefinition,
  type Range,
  type Surface,
  segment,
  sphere,
  type Vector3,
} from './mjcf.ts'

const SOLID: Surface = { contype: 1, conaffinity: 1 }
const LINK: Surface = { color: '#dfe4e8' }
const JOINT: Surface = { color: '#4f5f73' }
const TOOL: Surface = { color: '#3f6ea8' }

const hinge = (name: string, axis: Vector3, range: Range, damping: number): Joint[] => [
  { name, type: 'hinge', axis, range, damping },
]

const slides = (name: string): Joint[] => [
  { name: `${name}_y`, type: 'slide', axis: [0, 1, 0], range: [-10.3213, 10.3], damping: 0.5 },
  { name: `${name}_x`, type: 'slide', axis: [1, 0, 0], range: [-10.3213, 10.3], damping: 0.5 },
]

const wrist: Body = {
  name: 'wrist_flex',
  pos: [0.321, 0, 0],
  joints: hinge('wrist_flex', [0, 1, 0], [-1.094, 0], 0.1),
  geoms: [segment(0.01, [0, -0.02, 0], [0, 0.02, 0], JOINT)],
  bodies: [
    {
      name: 'wrist_roll',
      joints: hinge('wrist_roll', [1, 0, 0], [-1.5, 1.5], 0.1),
      geoms: [
        segment(0.02, [0, -0.1, 0], [0, 0.1, 0], { ...SOLID, ...TOOL }),
        segment(0.02, [0, -0.1, 0], [0.1, -0.1, 0], { ...SOLID, ...TOOL }),
        segment(0.02, [0, 0.1, 0], [0.1, 0.1, 0], { ...SOLID, ...TOOL }),
      ],
      bodies: [
        { name: 'tips_arm', geoms: [sphere(0.01, [0.1, -0.1, 0], TOOL), sphere(0.01, [0.1, 0.1, 0], TOOL)] },
      ],
    },
  ],
}

const forearm: Body = {
  name: 'elbow_flex',
  pos: [0.4, 0, 0],
  joints: hinge('elbow_flex', [0, 1, 0], [-2.3213, 0], 0.1),
  geoms: [segment(0.06, [0, -0.02, 0], [0, 0.02, 0], JOINT)],
  bodies: [
    {
      name: 'forearm_roll',
      joints: hinge('forearm_roll', [1, 0, 0], [-1.5, 1.5], 0.1),
      geoms: [segment(0.02, [-0.1, 0, 0], [0.1, 0, 0], JOINT)],
      bodies: [{ name: 'forearm', geoms: [segment(0.05, [0, 0, 0], [0.291, 0, 0], LINK)], bodies: [wrist] }],
    },
  ],
}

const arm: Body = {
  name: 'shoulder_pan',
  pos: [0, -0.6, 0],
  joints: hinge('shoulder_pan', [0, 0, 1], [-2.2854, 1.714602], 1),
  geoms: [
    // Eyes and pupils, which have mass.
    sphere(0.05, [-0.06, 0.05, 0.2], { color: '#ffffff' }),
    sphere(0.05, [0.06, 0.05, 0.2], { color: '#ffffff' }),
    sphere(0.03, [-0.06, 0.09, 0.2], { color: '#2e2e2e' }),
    sphere(0.03, [0.06, 0.09, 0.2], { color: '#2e2e2e' }),
    segment(0.1, [0, 0, -0.4], [0, 0, 0.2], LINK),
  ],
  bodies: [
    {
      name: 'shoulder_lift',
      pos: [0.1, 0, 0],
      joints: hinge('shoulder_lift', [0, 1, 0], [-0.5236, 1.3963], 1),
      geoms: [segment(0.1, [0, -0.1, 0], [0, 0.1, 0], JOINT)],
      bodies: [
        {
          name: 'upper_arm_roll',
          joints: hinge('upper_arm_roll', [1, 0, 0], [-1.5, 1.7], 0.1),
          geoms: [segment(0.02, [-0.1, 0, 0], [0.1, 0, 0], JOINT)],
          bodies: [
            { name: 'upper_arm', geoms: [segment(0.06, [0, 0, 0], [0.4, 0, 0], LINK)], bodies: [forearm] },
          ],
        },
      ],
    },
  ],
}

/** An arm of seven joints, and an object to be pushed to a goal on a table. */
export const pusherModel: ModelDefinition = {
  name: 'pusher',
  angle: 'radian',
  option: { integrator: 'Euler', timestep: 0.01, gravity: [0, 0, 0], iterations: 20 },
  defaults: {
    joint: { armature: 0.04, damping: 1 },
    geom: {
      contype: 0,
      conaffinity: 0,
      condim: 1,
      friction: [0.8, 0.1, 0.1],
      density: 300,
      margin: 0.002,
    },
  },
  world: [
    { name: 'table', type: 'plane', size: [1, 1, 0.1], pos: [0, 0.5, -0.325], ...SOLID, color: '#c8a77e' },
    // To look at only.
    floor({}, [0, 0, -1], 0.5),
  ],
  bodies: [
    arm,
    {
      name: 'object',
      pos: [0.45, -0.05, -0.275],
      joints: slides('object'),
      geoms: [
        { type: 'cylinder', size: [0.05, 0.05], density: 0.01, contype: 1, conaffinity: 0, color: '#f2c14e' },
      ],
    },
    {
      name: 'goal',
      pos: [0.45, -0.05, -0.323],
      joints: slides('goal'),
      geoms: [{ type: 'cylinder', size: [0.08, 0.001], density: 1e-5, color: '#e2574c' }],
    },
  ],
  motors: {
    shoulder_pan: 1,
    shoulder_lift: 1,
    upper_arm_roll: 1,
    elbow_flex: 1,
    forearm_roll: 1,
    wrist_flex: 1,
    wrist_roll: 1,
  },
  ctrlrange: [-2, 2],
}
