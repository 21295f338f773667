import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import { expect } from 'vitest'
import type { NamedTensors } from '../../src/encoding/safetensors.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { readStateDict } from '../../src/import/pytorch.ts'
import type { ImportedAgent } from '../../src/import/stable-baselines3.ts'
import { actorForward } from '../../src/policy/network.ts'
import { SAC } from '../../src/sac/agent.ts'
import { distance, referenceMlp } from '../policy/policies.ts'

/** What `sb3_agent.py` prints: what the agent computes for some observations of Pendulum-v1. */
export interface Computed {
  observations: number[][]
  actions: number[][]
  mu: number[][]
  logSigma: number[][]
  q1: number[]
  q2: number[]
  logAlpha: number
  /** Of VecNormalize, if it was trained in it. */
  statistics?: { mean: number[]; variance: number[]; rewardScale: number } | null
}

/** Compares an imported agent with what the original computes: policy, distribution, critics, temperature. */
export async function expectSameAgent(imported: ImportedAgent, computed: Computed): Promise<void> {
  const agent = await SAC.create(await makeEnv('Pendulum-v1'), { ...imported.options, engine: 'wasm' })
  agent.loadParameters(imported.parameters)
  const { config, program } = agent.learner
  const forward = actorForward(config)
  for (const [i, observation] of computed.observations.entries()) {
    const action = agent.act(observation, { deterministic: true })
    expect(distance(action, computed.actions[i])).toBeLessThan(1e-5)
    const output = forward(program.state('actor'), observation)
    expect(distance(output, [...computed.mu[i], ...computed.logSigma[i]])).toBeLessThan(1e-5)
    const unitAction = computed.mu[i].map(Math.tanh)
    for (const [critic, values] of [
      ['critic1', computed.q1],
      ['critic2', computed.q2],
    ] as const) {
      const [q] = referenceMlp(imported.parameters, critic, agent.network, [...observation, ...unitAction])
      expect(Math.abs(q - values[i])).toBeLessThan(1e-5 * (1 + Math.abs(values[i])))
    }
  }
  expect(agent.parameters().logAlpha.data[0]).toBeCloseTo(computed.logAlpha, 6)
}

/** What `sb3_family.py` prints: what an agent of TD3, DDPG or TQC computes for some observations of Pendulum-v1. */
export interface ComputedByFamily extends FamilyValues {
  observations: number[][]
  logAlpha?: number
  /** After four updates on a single transition. */
  resumed?: FamilyValues
}

interface FamilyValues {
  actions: number[][]
  unitActions: number[][]
  /** [critics, observations, quantiles] */
  q: number[][][]
  targetQ: number[][][]
  targetActions?: number[][]
}

/** Compares an imported agent with what the original computes, and where that is known with what it learns from there. */
export async function expectSameFamilyAgent(
  imported: ImportedAgent,
  computed: ComputedByFamily,
): Promise<void> {
  const agent = await SAC.create(await makeEnv('Pendulum-v1'), { ...imported.options, engine: 'wasm' })
  agent.loadParameters(imported.parameters)
  expectValues(agent, computed.observations, computed)
  if (computed.logAlpha !== undefined) {
    expect(agent.parameters().logAlpha.data[0]).toBeCloseTo(computed.logAlpha, 6)
  }
  if (computed.resumed) {
    const [observation, nextObservation] = [
      [1, 0, 0.5],
      [0.9, 0.1, 0.7],
    ]
    agent.observe({ observation, action: [1], reward: -1.5, nextObservation, terminated: false })
    for (let update = 0; update < 4; update++) await agent.update()
    expectValues(agent, computed.observations, computed.resumed)
  }
  await agent.dispose()
}

function expectValues(agent: SAC, observations: number[][], values: FamilyValues): void {
  const parameters = agent.parameters()
  const { hiddenSizes, activation, criticHiddenSizes: sizes } = agent.options
  const criticNetwork = { hiddenSizes: sizes === 'same' ? hiddenSizes : sizes, activation }
  for (const [i, observation] of observations.entries()) {
    expect(distance(agent.act(observation, { deterministic: true }), values.actions[i])).toBeLessThan(1e-5)
    if (values.targetActions) {
      const slow = referenceMlp(parameters, 'target.actor', agent.network, observation).map(Math.tanh)
      expect(distance(slow, values.targetActions[i])).toBeLessThan(1e-5)
    }
    for (const [prefix, each] of [
      ['critic', values.q],
      ['target.critic', values.targetQ],
    ] as const) {
      expect(each.length).toBe(agent.options.critics)
      for (const [k, critic] of each.entries()) {
        const input = [...observation, ...values.unitActions[i]]
        const q = referenceMlp(parameters, `${prefix}${k + 1}`, criticNetwork, input)
        expect(q.length).toBe(critic[i].length)
        expect(distance(q, critic[i])).toBeLessThan(1e-5 * (1 + Math.max(...critic[i].map(Math.abs))))
      }
    }
  }
}

/** A file of the folder of fixtures. */
export const fixture = (name: string) =>
  new Uint8Array(readFileSync(join(import.meta.dirname, 'stable-baselines3', name)))

/** An agent for Pendulum-v1, and what it computes. */
export const bytes = fixture('pendulum.zip')
export const computed: Computed = JSON.parse(strFromU8(fixture('pendulum.json')))

/** The same archive with some files changed; null takes one out. */
export function archive(changes: Record<string, Uint8Array | null>): Uint8Array {
  const files = Object.entries({ ...unzipSync(bytes), ...changes })
  return zipSync(Object.fromEntries(files.filter((file): file is [string, Uint8Array] => file[1] !== null)), {
    level: 0,
  })
}

/** The same archive with other settings. */
export function withData(changes: object): Uint8Array {
  const data = JSON.parse(strFromU8(unzipSync(bytes).data))
  return archive({ data: strToU8(JSON.stringify({ ...data, ...changes })) })
}

const int32 = (value: number) => strFromU8(new Uint8Array(Int32Array.of(value).buffer), true)
const text = (value: string) => `X${int32(value.length)}${value}`
const tuple = (values: readonly number[]) => `(${values.map(value => `J${int32(value)}`).join('')}t`

/** A pickle, from text in which every character is a byte. */
export const pickle = (operations: string) => strToU8(operations, true)

/** What a pickle says to make a tensor of float32 from storage `name`. */
export function pickledTensor(
  name: string,
  { first = 0, shape, strides, count }: { first?: number; shape: number[]; strides: number[]; count: number },
): string {
  const storage = `(${text('storage')}ctorch\nFloatStorage\n${text(name)}${text('cpu')}J${int32(count)}tQ`
  return `ctorch._utils\n_rebuild_tensor_v2\n(${storage}J${int32(first)}${tuple(shape)}${tuple(strides)}\x89NtR`
}

/** A file of PyTorch with the given pickles of tensors and numbers in its storages. */
export function pytorchFile(
  tensors: [name: string, pickled: string][],
  storages: Record<string, Float32Array>,
) {
  const items = tensors.map(([name, tensor]) => text(name) + tensor).join('')
  const data = Object.entries(storages).map(([name, numbers]) => [
    `archive/data/${name}`,
    new Uint8Array(numbers.buffer),
  ])
  return zipSync(
    { 'archive/data.pkl': pickle(`\x80\x02}(${items}u.`), ...Object.fromEntries(data) },
    { level: 0 },
  )
}

/** A file of PyTorch with such tensors. */
export function stateDictFile(tensors: NamedTensors): Uint8Array {
  const pickles = Object.entries(tensors).map(([name, { shape, data }]): [string, string] => {
    const strides = shape.map((_, axis) =>
      shape.slice(axis + 1).reduce((product, extent) => product * extent, 1),
    )
    return [name, pickledTensor(name, { shape: [...shape], strides, count: data.length })]
  })
  return pytorchFile(
    pickles,
    Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data])),
  )
}

/** The tensors of the fixture's policy. */
export const policyTensors = () => readStateDict(unzipSync(bytes)['policy.pth'], 'policy.pth')
