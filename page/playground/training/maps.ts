/** What an agent's networks say about states of one's own choice. */
import { createProbe, type Probe, type SAC } from '../../../src/index.ts'
import { type Choices, choicesAt, likeliestChoices } from './choice-maps.ts'
import { type Seen, seenBy } from './seen.ts'

/** Which two of the observations a map spans, or that they are cos and sin of an angle. */
export interface Axes {
  x: Axis
  y: Axis
  /** The other observations. */
  base: number[]
}

export interface Axis {
  /** Which observation, or the first of a cosine and a sine. */
  index: number
  /** Whether it is an angle in rad, observed as cosine and sine. */
  angle?: boolean
  low: number
  high: number
}

/** Cells along each side of a map. */
export const CELLS = 41
const ROWS = CELLS * CELLS
/** Actions of a density. */
const ACTIONS = 201

/** A map, row by row from the lowest y. */
export interface ValueMap {
  /** The smallest of the critics, at the policy's centre; where actions are choices, at the likeliest. */
  q: Float32Array
  /** The distance of the largest critic from the smallest. */
  disagreement: Float32Array
  /** The policy's centre of the first action, in [-1, 1]; missing where actions are choices. */
  action?: Float32Array
  /** The likeliest of the choices, counted from 0. */
  choice?: Uint16Array
}

export interface ActionCurves {
  /** In the environment's units, rising. */
  actions: number[]
  /** The policy's density there; missing for a policy without spread. */
  density?: number[]
  /** The Gaussian that is squashed to it; missing likewise. */
  gaussian?: { mu: number; sigma: number }
  /** The smallest of the critics, the other actions at the policy's centre. */
  q: number[]
}

const at = ({ low, high }: Axis, i: number, cells: number) => low + ((high - low) * i) / (cells - 1)

function place(observation: Float32Array, axis: Axis, value: number, offset: number): void {
  if (!axis.angle) observation[offset + axis.index] = value
  else {
    observation[offset + axis.index] = Math.cos(value)
    observation[offset + axis.index + 1] = Math.sin(value)
  }
}

export function createMaps(agent: SAC) {
  let large: Promise<Probe> | undefined
  let small: Promise<Probe> | undefined
  let single: Promise<Probe> | undefined
  const { size: n } = agent.observationSpace
  const space = agent.actionSpace
  const m = space.size

  const scaled = (unit: number, j: number) =>
    space.kind === 'box'
      ? (space.low[j] + space.high[j]) / 2 + ((space.high[j] - space.low[j]) / 2) * unit
      : unit

  const halfWidth = (j: number) => (scaled(1, j) - scaled(-1, j)) / 2

  return {
    async map({ x, y, base }: Axes): Promise<ValueMap> {
      large ??= createProbe(agent, ROWS)
      const probe = await large
      const observations = new Float32Array(ROWS * n)
      for (let row = 0; row < ROWS; row++) {
        observations.set(base, row * n)
        place(observations, x, at(x, row % CELLS, CELLS), row * n)
        place(observations, y, at(y, Math.floor(row / CELLS), CELLS), row * n)
      }
      if (space.kind === 'discrete') return likeliestChoices(probe, observations)
      const output = probe.policy(observations)
      const columns = output.length / ROWS
      const actions = new Float32Array(ROWS * m)
      const action = new Float32Array(ROWS)
      for (let row = 0; row < ROWS; row++) {
        for (let j = 0; j < m; j++) actions[row * m + j] = scaled(Math.tanh(output[row * columns + j]), j)
        action[row] = Math.tanh(output[row * columns])
      }
      const values = probe.values(observations, actions)
      const q = values[0].map((_, row) => Math.min(...values.map(critic => critic[row])))
      const disagreement = q.map((low, row) => Math.max(...values.map(critic => critic[row])) - low)
      return { q, disagreement, action }
    },

    async actions(observation: number[], which: number): Promise<ActionCurves> {
      small ??= createProbe(agent, ACTIONS)
      const probe = await small
      const observations = new Float32Array(ACTIONS * n)
      for (let row = 0; row < ACTIONS; row++) observations.set(observation, row * n)
      const output = probe.policy(observations)
      const centre = Array.from({ length: m }, (_, j) => scaled(Math.tanh(output[j]), j))
      const hasSpread = output.length / ACTIONS === 2 * m
      let units: ArrayLike<number> = Float32Array.from(
        { length: ACTIONS },
        (_, i) => -0.999 + (1.998 * i) / (ACTIONS - 1),
      )
      let density: number[] | undefined
      let gaussian: ActionCurves['gaussian']
      if (hasSpread) {
        // From the lowest to the highest action by equal steps of the noise that makes them.
        const noise = Float32Array.from({ length: ACTIONS }, (_, i) => -4 + (8 * i) / (ACTIONS - 1))
        const { action, logProb } = probe.density(output[which], output[m + which], noise)
        units = action
        gaussian = { mu: output[which], sigma: Math.exp(output[m + which]) }
        density = Array.from(logProb, value => Math.exp(value) / halfWidth(which))
      }
      const actions = new Float32Array(ACTIONS * m)
      const sweep = Float32Array.from({ length: ACTIONS }, (_, i) => -1 + (2 * i) / (ACTIONS - 1))
      for (let row = 0; row < ACTIONS; row++) {
        actions.set(centre, row * m)
        actions[row * m + which] = scaled(sweep[row], which)
      }
      const values = probe.values(observations, actions)
      const q = Array.from(sweep, (_, row) => Math.min(...values.map(critic => critic[row])))
      return {
        actions: Array.from(sweep, unit => scaled(unit, which)),
        q,
        gaussian,
        ...(density && { density: Array.from(sweep, unit => interpolate(units, density, unit)) }),
      }
    },

    /** The probability and the value of each choice. */
    async choices(observation: number[]): Promise<Choices> {
      single ??= createProbe(agent, 1)
      return choicesAt(await single, Float32Array.from(observation))
    },

    /** States that were seen. */
    replay: (count: number): Seen[] => seenBy(agent, count),

    async dispose(): Promise<void> {
      for (const probe of [large, small, single]) await (await probe)?.dispose()
    },
  }
}

/** Between points of which x rises; 0 beyond them. */
function interpolate(x: ArrayLike<number>, y: readonly number[], wanted: number): number {
  if (wanted < x[0] || wanted > x[x.length - 1]) return 0
  let i = 1
  while (i < x.length - 1 && x[i] < wanted) i++
  const span = x[i] - x[i - 1]
  return span > 0 ? y[i - 1] + ((y[i] - y[i - 1]) * (wanted - x[i - 1])) / span : y[i]
}
