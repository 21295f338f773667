import type { NamedTensors } from '../../src/encoding/safetensors.ts'
import { type Box, box } from '../../src/env/spaces.ts'
import type { PolicyNetwork, PolicySource } from '../../src/policy/policy.ts'
import { createRandom } from '../../src/random.ts'
import { SAC } from '../../src/sac/agent.ts'

const OBSERVATIONS = 5
const spaces = {
  id: 'Example-v0',
  observationSpace: box({ low: -Infinity, high: [Infinity, 1, 2, 3, 1e30] }),
  actionSpace: box({ low: [-2, 0, -1], high: [2, 10, 1] }),
}

/** An agent's policy. */
export const agentPolicy = (activation: 'relu' | 'tanh'): Promise<SAC> =>
  SAC.create(spaces, { hiddenSizes: [32, 16], activation, batchSize: 8, seed: 3 })

/** One that normalises observations of very different sizes. */
export async function normalizingPolicy(activation: 'relu' | 'tanh'): Promise<PolicySource> {
  const agent = await agentPolicy(activation)
  const vector = (...values: number[]) => ({ shape: [values.length], data: Float32Array.from(values) })
  const parameters = {
    ...agent.parameters(),
    'normalizer.mean': vector(100, -0.01, 0, 3, 0),
    'normalizer.variance': vector(400, 1e-4, 1, 0, 1e6),
    'normalizer.count': vector(5000),
  }
  const { environment, network, observationSpace, actionSpace } = agent
  return { environment, network, observationSpace, actionSpace, parameters: () => parameters }
}

/** One whose noise depends on the state, with deviations of many sizes. */
export async function stateDependentPolicy(activation: 'relu' | 'tanh'): Promise<PolicySource> {
  const agent = await SAC.create(spaces, {
    hiddenSizes: [32, 16],
    activation,
    batchSize: 8,
    seed: 3,
    stateDependentNoise: true,
  })
  const tensors = agent.parameters()
  const logStd = tensors['actor.logStd']
  const data = logStd.data.map((_, i) => -3 + (i % 7) / 2)
  const parameters = { ...tensors, 'actor.logStd': { ...logStd, data } }
  const { environment, network, observationSpace, actionSpace } = agent
  return { environment, network, observationSpace, actionSpace, parameters: () => parameters }
}

/** Policies of every kind there is. */
export const policies = (['relu', 'tanh'] as const).flatMap(activation => [
  [activation, () => agentPolicy(activation)] as const,
  [`normalising ${activation}`, () => normalizingPolicy(activation)] as const,
  [`state-dependent noise ${activation}`, () => stateDependentPolicy(activation)] as const,
])

/** Observations like those that `normalizingPolicy` expects, some far off, and noise for as many actions. */
export function examples(count: number): { observation: Float32Array; noise: Float32Array }[] {
  const random = createRandom(count, 'examples')
  return Array.from({ length: count }, (_, row) => {
    const [a, b, c, d, e] = random.fillNormal(new Float32Array(OBSERVATIONS))
    const far = row % 4 === 3 ? 100 : 1
    const observation = Float32Array.of(100 + 20 * a, far * 0.01 * b, c, row % 2 ? 3 : 3 + 1e-4 * d, 1000 * e)
    return { observation, noise: random.fillNormal(new Float32Array(3)) }
  })
}

/** The policy's action as its definition says, in float64 and with no thought of speed. */
export function referenceAction(
  policy: PolicySource,
  observation: ArrayLike<number>,
  noise?: ArrayLike<number>,
) {
  const tensors = policy.parameters()
  const { low, high, size } = policy.actionSpace as Box
  let x = Array.from(observation)
  if (tensors['normalizer.mean']) {
    const [mean, variance] = ['mean', 'variance'].map(name => tensors[`normalizer.${name}`].data)
    x = x.map((value, i) => Math.max(-10, Math.min(10, (value - mean[i]) / Math.sqrt(variance[i] + 1e-8))))
  }
  const output = referenceMlp(tensors, 'actor', policy.network, x)
  const logStd = tensors['actor.logStd']?.data
  if (logStd) {
    const features = referenceFeatures(tensors, 'actor', policy.network, x)
    const spread = Array.from({ length: size }, (_, j) =>
      features.reduce((sum, value, h) => sum + (value * Math.exp(logStd[h * size + j])) ** 2, 1e-6),
    )
    x = [...output.map(mu => Math.max(-2, Math.min(2, mu))), ...spread.map(value => Math.log(value) / 2)]
  } else x = output
  return Array.from({ length: size }, (_, i) => {
    const sigma = Math.exp(Math.max(-20, Math.min(2, x[size + i])))
    const unit = Math.tanh(x[i] + (noise ? sigma * noise[i] : 0))
    return low[i] + ((unit + 1) / 2) * (high[i] - low[i])
  })
}

/** What the last hidden layer gives. */
const referenceFeatures = (tensors: NamedTensors, prefix: string, network: PolicyNetwork, x: number[]) =>
  referenceMlp(tensors, prefix, network, x, network.hiddenSizes.length - 1)

/** The output of the network whose parameters have this prefix, in float64. */
export function referenceMlp(
  tensors: NamedTensors,
  prefix: string,
  { hiddenSizes, activation }: PolicyNetwork,
  input: readonly number[],
  lastLayer = hiddenSizes.length,
): number[] {
  const activate = activation === 'relu' ? (value: number) => Math.max(0, value) : Math.tanh
  let x = [...input]
  for (let layer = 0; layer <= lastLayer; layer++) {
    const kernel = tensors[`${prefix}.kernel${layer}`].data
    const bias = tensors[`${prefix}.bias${layer}`].data
    const sums = Array.from(bias, (start, j) =>
      x.reduce((sum, value, i) => sum + value * kernel[i * bias.length + j], start),
    )
    x = layer < hiddenSizes.length ? sums.map(activate) : sums
  }
  return x
}

/** Largest difference between two actions; infinite if their lengths differ. */
export const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  a.length === b.length ? Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]))) : Infinity
