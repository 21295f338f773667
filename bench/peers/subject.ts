/**
 * This project as a process, like `subject.py` for the others: reads tasks as JSON, one a line, and answers each
 * with a line of JSON.
 *
 *     subject.js ENGINE THREADS [wide]     ENGINE is an engine of this project; `wide` asks for wide kernels
 */
import { createInterface } from 'node:readline'
import type { Env } from '../../src/env/env.ts'
import { box } from '../../src/env/spaces.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { allowWideKernels } from '../../src/graph/wasm/wide-tiles.ts'
import { createRandom } from '../../src/random.ts'
import { SAC } from '../../src/sac/agent.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'
import { evaluate } from '../../src/training/evaluate.ts'
import { train } from '../../src/training/train.ts'
import { median, processorSeconds, rate } from '../measure.ts'
import type { AgentDescription, Tasks } from './tasks.ts'

const [, , engine, threads, wide] = process.argv
if (wide && !(await allowWideKernels())) {
  console.error(`There are no wide kernels in Node ${process.version} on this machine.`)
  process.exit(1)
}
const EPISODE = 1000

let agent: SAC
let env: Env | undefined

const tasks = {
  async create(description: AgentDescription) {
    const { hidden = [256, 256], batch = 256, learningRate = 3e-4, learningStarts = 100 } = description
    env = 'env' in description ? await makeEnv(description.env) : undefined
    const spaces = 'env' in description ? env! : spacesOf(...description.sizes)
    await agent?.dispose()
    agent = await SAC.create(spaces, {
      engine: engine as SacOptionsInput['engine'],
      threads: engine === 'auto' ? 'auto' : Number(threads),
      hiddenSizes: hidden,
      batchSize: batch,
      actorLearningRate: learningRate,
      criticLearningRate: learningRate,
      temperatureLearningRate: learningRate,
      learningStarts,
      bufferSize: description.buffer ?? 50_000,
    })
    // A fallback for a missing engine would be another subject.
    if (engine === 'native' && agent.engineNotice) throw new Error(agent.engineNotice)
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
    const [before, updates] = [processorSeconds(), agent.updates]
    const perSecond = await rate(() => agent.update(), seconds)
    const processor = (1000 * (processorSeconds() - before)) / (agent.updates - updates)
    return { rate: perSecond, processor }
  },

  async train({ steps }) {
    const [start, before] = [performance.now(), processorSeconds()]
    for await (const _ of train(agent, env!, { steps }));
    const processor = (1000 * (processorSeconds() - before)) / steps
    return { rate: (1000 * steps) / (performance.now() - start), processor }
  },

  async pendulum({ seed }) {
    const env = await makeEnv('Pendulum-v1')
    const options = {
      engine: engine as SacOptionsInput['engine'],
      threads: Number(threads),
      hiddenSizes: [64, 64],
      batchSize: 100,
      learningStarts: 100,
      bufferSize: 10_000,
      actorLearningRate: 1e-3,
      criticLearningRate: 1e-3,
      temperatureLearningRate: 1e-3,
      seed,
    }
    const agent = await SAC.create(env, options)
    const start = performance.now()
    for await (const _ of train(agent, env, { steps: 10_000 }));
    const seconds = (performance.now() - start) / 1000
    await agent.dispose()
    return seconds
  },

  async act({ calls }: Parameters<Tasks['act']>[0]) {
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
} satisfies Partial<Tasks>

const spacesOf = (n: number, m: number) => ({
  observationSpace: box({ low: -Infinity, high: Infinity, shape: [n] }),
  actionSpace: box({ low: -1, high: 1, shape: [m] }),
})

for await (const line of createInterface({ input: process.stdin })) {
  const { task, ...request } = JSON.parse(line)
  const value = await tasks[task as keyof typeof tasks](request as never)
  console.log(JSON.stringify({ value: value ?? null }))
}
// Threads that wait for the next step would keep the process alive.
process.exit(0)
