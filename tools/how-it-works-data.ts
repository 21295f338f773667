/** What the pictures of docs/how-it-works.md show: an agent that learns Pendulum, asked now and then what it thinks. */
import type { Env } from '../src/env/env.ts'
import { makeEnv } from '../src/envs/registry.ts'
import { exp, tanh } from '../src/portable-math.ts'
import { SAC } from '../src/sac/agent.ts'
import { createProbe, type Probe } from '../src/sac/probe.ts'
import { presetOptions } from '../src/training/presets.ts'
import { train } from '../src/training/train.ts'

const STEPS = 5000
/** Steps after which the value of all states is drawn. */
const MOMENTS = [1000, 2500, STEPS]
/** States along each side of that map. */
export const SIDE = 32
/** Steps from one comparison of guess and truth to the next. */
const COMPARE_EVERY = 250
/** Updates that one point of the entropy is the mean of. */
const WINDOW = 100
/** Actions that the curves of one state have. */
const ACTIONS = 61
/** An angle from upright, in rad, at rest. */
const LEANING = 0.05
/** Largest torque. */
const LIMIT = 2
/** Largest speed, in rad/s. */
export const SPEED = 8

/** What one state looks like from inside, for each of many actions. */
interface Opinion {
  step: number
  /** The smaller critic by action, less what it is for the best one. */
  value: { x: number; y: number }[]
  /** How densely the policy draws, by action. */
  density: { x: number; y: number }[]
}

/** All that is drawn. */
export interface HowItWorks {
  /** The smaller critic at the policy's own action, [velocity][angle], both from the lowest. */
  maps: { step: number; values: number[][] }[]
  /** Mean over the states of some episodes: the smaller critic, and the discounted rewards that followed. */
  guesses: { step: number; guessed: number; earned: number }[]
  opinions: Opinion[]
  learning: { update: number; entropy: number; temperature: number }[]
  targetEntropy: number
}

/** Trains and asks; the engine gives the same bits on every machine. */
export async function measureHowItWorks(): Promise<HowItWorks> {
  const env = await makeEnv('Pendulum-v1')
  const other = await makeEnv('Pendulum-v1')
  const agent = await SAC.create(env, { ...presetOptions(env), seed: 1, engine: 'wasm' })
  const map = await createProbe(agent, SIDE * SIDE)
  const curve = await createProbe(agent, ACTIONS)
  const found: HowItWorks = {
    maps: [],
    guesses: [],
    opinions: [],
    learning: [],
    targetEntropy: agent.targetEntropy!,
  }
  let window: { entropy: number; temperature: number }[] = []
  for await (const event of train(agent, env, { steps: STEPS })) {
    if (event.type === 'update') {
      const { entropy, temperature } = event.metrics
      window.push({ entropy: entropy!, temperature: temperature! })
      if (window.length < WINDOW) continue
      const mean = (name: 'entropy' | 'temperature') =>
        window.reduce((sum, metrics) => sum + metrics[name], 0) / WINDOW
      found.learning.push({
        update: agent.updates,
        entropy: mean('entropy'),
        temperature: mean('temperature'),
      })
      window = []
    }
    if (event.type !== 'step') continue
    const { step } = event
    if (step % COMPARE_EVERY === 0) found.guesses.push({ step, ...(await compare(agent, other, curve)) })
    if (!MOMENTS.includes(step)) continue
    found.maps.push({ step, values: valueMap(map) })
    found.opinions.push({ step, ...opinionOf(curve) })
  }
  await Promise.all([map.dispose(), curve.dispose()])
  agent.dispose()
  return found
}

const smaller = ([a, b]: Float32Array[]) => Array.from(a, (value, i) => Math.min(value, b[i]))

const observationOf = (angle: number, velocity: number) => [Math.cos(angle), Math.sin(angle), velocity]

const between = (low: number, high: number, count: number) =>
  Array.from({ length: count }, (_, i) => low + ((high - low) * (i + 0.5)) / count)

function valueMap(probe: Probe): number[][] {
  const velocities = between(-SPEED, SPEED, SIDE)
  const angles = between(-Math.PI, Math.PI, SIDE)
  const observations = velocities.flatMap(velocity => angles.flatMap(angle => observationOf(angle, velocity)))
  const output = probe.policy(observations)
  const actions = Array.from({ length: probe.rows }, (_, row) => LIMIT * tanh(output[2 * row]))
  const values = smaller(probe.values(observations, actions))
  return velocities.map((_, row) => values.slice(row * SIDE, (row + 1) * SIDE))
}

function opinionOf(probe: Probe): Omit<Opinion, 'step'> {
  const observation = observationOf(LEANING, 0)
  const observations = Array.from({ length: ACTIONS }, () => observation).flat()
  const actions = between(-LIMIT, LIMIT, ACTIONS)
  const values = smaller(probe.values(observations, actions))
  const [mu, logSigma] = probe.policy(observations)
  const drawn = probe.density(mu, logSigma, between(-4, 4, ACTIONS))
  return {
    value: actions.map((x, i) => ({ x, y: values[i] - Math.max(...values) })),
    // Per unit of torque, of which the policy's own unit has LIMIT.
    density: Array.from(drawn.action, (action, i) => ({
      x: LIMIT * action,
      y: exp(drawn.logProb[i]) / LIMIT,
    })),
  }
}

/** Episodes that both are means over. */
const EPISODES = 5

async function compare(agent: SAC, env: Env, probe: Probe): Promise<{ guessed: number; earned: number }> {
  const sums = { guessed: 0, earned: 0 }
  for (let seed = 0; seed < EPISODES; seed++) {
    const observations: number[] = []
    const actions: number[] = []
    const rewards: number[] = []
    let { observation } = await env.reset({ seed })
    for (let ended = false; !ended; ) {
      const action = agent.act(observation, { deterministic: true })
      observations.push(...Array.from(observation))
      actions.push(...action)
      const result = await env.step(action)
      rewards.push(result.reward)
      observation = result.observation
      ended = result.terminated || result.truncated
    }
    // Of the states at the beginning, behind which lies enough of the future.
    const guesses = smaller(probe.values(observations.slice(0, 3 * ACTIONS), actions.slice(0, ACTIONS)))
    const returns = discounted(rewards, agent.options.gamma).slice(0, ACTIONS)
    sums.guessed += guesses.reduce((a, b) => a + b) / ACTIONS
    sums.earned += returns.reduce((a, b) => a + b) / ACTIONS
  }
  return { guessed: sums.guessed / EPISODES, earned: sums.earned / EPISODES }
}

/** From each step to the end. */
function discounted(rewards: readonly number[], gamma: number): number[] {
  const returns: number[] = []
  let sum = 0
  for (let i = rewards.length - 1; i >= 0; i--) {
    sum = rewards[i] + gamma * sum
    returns[i] = sum
  }
  return returns
}
