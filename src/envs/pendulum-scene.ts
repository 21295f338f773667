import type { Point2, Scene2d, Shape2d } from '../env/scene.ts'
import { cos, sin } from '../portable-math.ts'

/** The picture of a pendulum; `angle` in rad from upright, `torque` of the last step as a share of the greatest. */
export function pendulumScene({
  angle,
  torque,
  length,
  timeStep,
}: {
  angle: number
  torque: number
  length: number
  timeStep: number
}): Scene2d {
  return {
    dimensions: 2,
    timeStep,
    view: { left: -1.5 * length, right: 1.5 * length, bottom: -1.3 * length, top: 1.3 * length },
    background: '#f7f5f0',
    shapes: [
      { type: 'circle', center: [0, 0], radius: length, stroke: '#e4e0d6', strokeWidth: 0.015 },
      ...rodShapes(angle, length),
      ...torqueShapes(torque),
    ],
  }
}

/** Where a rod ends at an angle from upright, which counts counterclockwise. */
export const tipOf = (angle: number, length: number): Point2 => [-length * sin(angle), length * cos(angle)]

function rodShapes(angle: number, length: number): Shape2d[] {
  const tip = tipOf(angle, length)
  return [
    { type: 'line', points: [[0, 0], tip], stroke: '#a8443f', strokeWidth: 0.2 },
    { type: 'line', points: [[0, 0], tip], stroke: '#d2635c', strokeWidth: 0.16 },
    { type: 'circle', center: [0, 0], radius: 0.055, fill: '#3b3a38' },
  ]
}

/** An arrow around the axle, longer for a greater torque; none at rest. */
function torqueShapes(torque: number): Shape2d[] {
  const turn = 1.5 * torque
  if (Math.abs(turn) < 0.05) return []
  const radius = 0.3
  const points = Array.from({ length: 17 }, (_, i) => tipOf((turn * i) / 16, radius))
  const beyond = turn + 0.3 * Math.sign(turn)
  const head = [tipOf(turn, radius - 0.08), tipOf(turn, radius + 0.08), tipOf(beyond, radius)]
  return [
    { type: 'line', points, stroke: '#3f6ea8', strokeWidth: 0.05 },
    { type: 'polygon', points: head, fill: '#3f6ea8' },
  ]
}
