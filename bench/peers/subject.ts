/**
 * This project as a process, beside `subject.py` for the others: reads tasks as JSON, one a line, and answers each
 * with a line of JSON.
 *
 *     subject.js ENGINE THREADS            ENGINE is wasm, wasm-fast, onnx or auto, THREADS a number or auto
 */
import { createInterface } from 'node:readline'
import type { Env } from '../../src/env/env.ts'
import { box } from '../../src/env/spaces.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { createRandom } from '../../src/random.ts'
import { SAC } from '../../src/sac/agent.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'
import { evaluate } from '../../src/training/evaluate.ts'
import { train } from '../../src/training/train.ts'
import { median, rate } from '../measure.ts'
import type { AgentDescription, Tasks } from './tasks.ts'

const [, , engine, threads] = process.argv
const EPISODE = 1000

let agent: SAC
let env: Env | undefined

const tasks: Tasks = {
  async create(description: AgentDescription) {
    const { hidden = [256, 256], batch = 256, learningRate = 3e-4, learningStarts = 100 } = description
    env = 'env' in description ? await makeEnv(description.env) : undefined
    const spaces = 'env' in description ? env! : spacesOf(...description.sizes)
    await agent?.dispose()
    agent = await SAC.create(spaces, {
      engine: engine as SacOptionsInput['engine'],
      threads: threads === 'auto' ? 'auto' : Number(threads),
      hiddenSizes: hidden,
      batchSize: batch,
      actorLearningRate: learningRate,
      criticLearningRate: learningRate,
      temperatureLearningRate: learningRate,
      learningStarts,
      bufferSize: description.buffer ?? 50_000,
    })
  },

  async fill({ size }) {
    const random = createRandom(0, 'bench')
    const [n, m] = [agent.observationSpace.size, agent.actionSpace.size]
    let observation = random.fillUniform(new Float32Array(n), -1, 1)
    const action = random.fillUniform(new Float32Array(m), -1, 1)
    for (let i = 0; i < size; i++) {
      const nextObservation = random.fillUniform(new Float32Array(n), -1, 1)
      agent.observe({ observation, action, reward: 0, nextObservation, terminated: false })
      observation =
        i % EPISODE === EPISODE - 1 ? random.fillUniform(new Float32Array(n), -1, 1) : nextObservation
    }
  },

  async first_update() {
    const times: number[] = []
    for (let i = 0; i < 2; i++) {
      const start = performance.now()
      await agent.update()
      times.push((performance.now() - start) / 1000)
    }
    return times[0] - times[1]
  },

  async update({ seconds }) {
    const before = process.cpuUsage()
    const updates = agent.updates
    const perSecond = await rate(() => agent.update(), seconds)
    const { user, system } = process.cpuUsage(before)
    return { rate: perSecond, processor: (user + system) / 1000 / (agent.updates - updates) }
  },

  async train({ steps }) {
    const start = performance.now()
    for await (const _ of train(agent, env!, { steps }));
    return (1000 * steps) / (performance.now() - start)
  },

  async act({ calls }) {
    const observation = new Float32Array(agent.observationSpace.size).fill(0.1)
    const times = Array.from({ length: calls }, () => {
      const start = performance.now()
      agent.act(observation, { deterministic: true })
      return performance.now() - start
    })
    return 1000 * median(times)
  },

  async evaluate({ episodes }) {
    const { mean } = await evaluate(agent, await makeEnv('Pendulum-v1'), { episodes, seed: 1000 })
    return mean
  },

  async memory() {
    return (process.resourceUsage().maxRSS * 1024) / 1e6
  },

  async versions() {
    return { Node: process.version }
  },
}

const spacesOf = (n: number, m: number) => ({
  observationSpace: box({ low: -Infinity, high: Infinity, shape: [n] }),
  actionSpace: box({ low: -1, high: 1, shape: [m] }),
})

for await (const line of createInterface({ input: process.stdin })) {
  const { task, ...request } = JSON.parse(line)
  const value = await tasks[task as keyof Tasks](request as never)
  console.log(JSON.stringify({ value: value ?? null }))
}
// Threads that wait for the next step would keep the process alive.
process.exit(0)
