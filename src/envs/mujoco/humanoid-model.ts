import {
  type Body,
  floor,
  freeRoot,
  type Joint,
  type ModelDefinition,
  type Range,
  type Surface,
  segment,
  sphere,
  type Vector3,
} from './mjcf.ts'

const SHIRT: Surface = { color: '#3f6ea8' }
const TROUSERS: Surface = { color: '#39465e' }
const SKIN: Surface = { color: '#e0ae86' }
const SHOE: Surface = { color: '#b5493b' }

const hinge = (
  name: string,
  axis: Vector3,
  range: Range,
  [damping, stiffness, armature]: readonly [number, number, number],
  pos: Vector3 = [0, 0, 0],
): Joint => ({ name, type: 'hinge', axis, range, damping, stiffness, armature, pos })

const ABDOMEN_Z: Vector3 = [0, 0, 0.065]
const ABDOMEN_X: Vector3 = [0, 0, 0.1]
const KNEE: Vector3 = [0, 0, 0.02]

// Left and right differ a little in stiffness, armature and ranges, as they do in Gymnasium.
// biome-ignore format: a table reads better in lines
const joints = {
  //          name               axis         range        damping, stiffness, armature
  abdomenZ:   hinge('abdomen_z', [0, 0, 1],   [-45, 45],   [5, 20, 0.02],   ABDOMEN_Z),
  abdomenY:   hinge('abdomen_y', [0, 1, 0],   [-75, 30],   [5, 10, 0.02],   ABDOMEN_Z),
  abdomenX:   hinge('abdomen_x', [1, 0, 0],   [-35, 35],   [5, 10, 0.02],   ABDOMEN_X),
  right: {
    hip: [
      hinge('right_hip_x',       [1, 0, 0],   [-25, 5],    [5, 10, 0.01]),
      hinge('right_hip_z',       [0, 0, 1],   [-60, 35],   [5, 10, 0.01]),
      hinge('right_hip_y',       [0, 1, 0],   [-110, 20],  [5, 20, 0.008]),
    ],
    knee: hinge('right_knee',    [0, -1, 0],  [-160, -2],  [1, 0, 0.006],   KNEE),
    shoulder: [
      hinge('right_shoulder1',   [2, 1, 1],   [-85, 60],   [1, 1, 0.0068]),
      hinge('right_shoulder2',   [0, -1, 1],  [-85, 60],   [1, 1, 0.0051]),
    ],
    elbow: hinge('right_elbow',  [0, -1, 1],  [-90, 50],   [1, 0, 0.0028]),
  },
  left: {
    hip: [
      hinge('left_hip_x',        [-1, 0, 0],  [-25, 5],    [5, 10, 0.01]),
      hinge('left_hip_z',        [0, 0, -1],  [-60, 35],   [5, 10, 0.01]),
      hinge('left_hip_y',        [0, 1, 0],   [-110, 20],  [5, 20, 0.01]),
    ],
    knee: hinge('left_knee',     [0, -1, 0],  [-160, -2],  [1, 1, 0.006],   KNEE),
    shoulder: [
      hinge('left_shoulder1',    [2, -1, 1],  [-60, 85],   [1, 1, 0.0068]),
      hinge('left_shoulder2',    [0, 1, 1],   [-60, 85],   [1, 1, 0.0051]),
    ],
    elbow: hinge('left_elbow',   [0, -1, -1], [-90, 50],   [1, 0, 0.0028]),
  },
}

type Side = 'left' | 'right'

/** The sign of y on a side. */
const sign = (side: Side) => (side === 'left' ? 1 : -1)

function leg(side: Side): Body {
  const inwards = -sign(side)
  return {
    name: `${side}_thigh`,
    pos: [0, -inwards * 0.1, -0.04],
    joints: joints[side].hip,
    geoms: [segment(0.06, [0, 0, 0], [0, inwards * 0.01, -0.34], TROUSERS)],
    bodies: [
      {
        name: `${side}_shin`,
        pos: [0, inwards * 0.01, -0.403],
        joints: [joints[side].knee],
        geoms: [segment(0.049, [0, 0, 0], [0, 0, -0.3], TROUSERS)],
        bodies: [{ name: `${side}_foot`, pos: [0, 0, -0.45], geoms: [sphere(0.075, [0, 0, 0.1], SHOE)] }],
      },
    ],
  }
}

function arm(side: Side): Body {
  const y = sign(side)
  return {
    name: `${side}_upper_arm`,
    pos: [0, y * 0.17, 0.06],
    joints: joints[side].shoulder,
    geoms: [segment(0.04, [0, 0, 0], [0.16, y * 0.16, -0.16], SHIRT)],
    bodies: [
      {
        name: `${side}_lower_arm`,
        pos: [0.18, y * 0.18, -0.18],
        joints: [joints[side].elbow],
        geoms: [
          segment(0.031, [0.01, -y * 0.01, 0.01], [0.17, -y * 0.17, 0.17], SKIN),
          sphere(0.04, [0.18, -y * 0.18, 0.18], SKIN),
        ],
      },
    ],
  }
}

/** A human body: trunk, two legs and two arms. */
export const humanoidModel: ModelDefinition = {
  name: 'humanoid',
  angle: 'degree',
  option: { integrator: 'RK4', timestep: 0.003, solver: 'PGS', iterations: 50 },
  defaults: {
    joint: { armature: 1, damping: 1 },
    geom: { contype: 1, conaffinity: 1, condim: 1, margin: 0.001 },
  },
  world: [floor({ condim: 3, friction: [1, 0.1, 0.1] })],
  bodies: [
    {
      name: 'torso',
      pos: [0, 0, 1.4],
      joints: freeRoot(),
      geoms: [
        segment(0.07, [0, -0.07, 0], [0, 0.07, 0], SHIRT),
        sphere(0.09, [0, 0, 0.19], SKIN),
        segment(0.06, [-0.01, -0.06, -0.12], [-0.01, 0.06, -0.12], SHIRT),
      ],
      bodies: [
        {
          name: 'lower_waist',
          pos: [-0.01, 0, -0.26],
          quat: [1, 0, -0.002, 0],
          joints: [joints.abdomenZ, joints.abdomenY],
          geoms: [segment(0.06, [0, -0.06, 0], [0, 0.06, 0], SHIRT)],
          bodies: [
            {
              name: 'pelvis',
              pos: [0, 0, -0.165],
              quat: [1, 0, -0.002, 0],
              joints: [joints.abdomenX],
              geoms: [segment(0.09, [-0.02, -0.07, 0], [-0.02, 0.07, 0], TROUSERS)],
              bodies: [leg('right'), leg('left')],
            },
          ],
        },
        arm('right'),
        arm('left'),
      ],
    },
  ],
  motors: {
    abdomen_y: 100,
    abdomen_z: 100,
    abdomen_x: 100,
    right_hip_x: 100,
    right_hip_z: 100,
    right_hip_y: 300,
    right_knee: 200,
    left_hip_x: 100,
    left_hip_z: 100,
    left_hip_y: 300,
    left_knee: 200,
    right_shoulder1: 25,
    right_shoulder2: 25,
    right_elbow: 25,
    left_shoulder1: 25,
    left_shoulder2: 25,
    left_elbow: 25,
  },
  ctrlrange: [-0.4, 0.4],
}
