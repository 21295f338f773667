/** Which member of the family an agent of Stable-Baselines3 is of: the file does not say so in one word. */
import type { NamedTensors } from '../encoding/safetensors.ts'
import { ModelFileError } from './model-file-error.ts'
import { isTable, shown, type Table } from './stable-baselines3-data.ts'

/** The algorithms of Stable-Baselines3 and sb3-contrib that are read. */
export type ImportedAlgorithm = 'sac' | 'tqc' | 'td3' | 'ddpg'

/** The modules of their MlpPolicy; DDPG has that of TD3. */
const POLICY_MODULES: Record<string, ImportedAlgorithm> = {
  'stable_baselines3.sac.policies': 'sac',
  'sb3_contrib.tqc.policies': 'tqc',
  'stable_baselines3.td3.policies': 'td3',
}
/** Extractors without weights: all numbers of an observation one after the other. */
const FLATTENING = ['FlattenExtractor', 'CombinedExtractor'].map(
  name => `stable_baselines3.common.torch_layers.${name}`,
)

/**
 * The algorithm that the policy's class says; undefined where the file does not name it.
 * @throws ModelFileError for policies other than MlpPolicy of these algorithms, and for features extractors
 */
export function policyAlgorithm(data: Table): ImportedAlgorithm | undefined {
  requirePlainFeatures(data)
  const { policy_class: policyClass } = data
  const module = isTable(policyClass) ? policyClass.__module__ : undefined
  return module === undefined ? undefined : POLICY_MODULES[moduleName(module)]
}

/** The algorithm of an agent; without a policy's class it is read from settings and tensors that only one has. */
export function algorithmIn(data: Table, tensors: NamedTensors): ImportedAlgorithm {
  const algorithm = policyAlgorithm(data) ?? guess(data, tensors)
  return algorithm === 'td3' && isPlain(data) ? 'ddpg' : algorithm
}

function moduleName(module: unknown): string {
  if (typeof module === 'string' && Object.hasOwn(POLICY_MODULES, module)) return module
  if (typeof module === 'string' && module.startsWith('sbx.')) {
    throw new ModelFileError(
      'The agent is of SBX, which saves its networks as pickled programs of Flax and JAX, not as tensors: to read them ' +
        'would be to run them. Agents that Stable-Baselines3 or sb3-contrib trained in PyTorch are read.',
    )
  }
  throw new ModelFileError(
    `The agent's policy is a class of ${shown(module)}, not MlpPolicy of Stable-Baselines3's SAC, TD3 or DDPG, or of ` +
      "sb3-contrib's TQC.",
  )
}

function guess(data: Table, tensors: NamedTensors): ImportedAlgorithm {
  const has = (name: string) => Object.hasOwn(tensors, name)
  if (has('actor.mu.0.weight') && !has('actor.latent_pi.0.weight')) return 'td3'
  return Object.hasOwn(data, 'top_quantiles_to_drop_per_net') ? 'tqc' : 'sac'
}

/** DDPG in Stable-Baselines3 is TD3 without delay, and with noise on the target's actions that is clipped to nothing. */
const isPlain = ({ policy_delay: delay, target_policy_noise: noise, target_noise_clip: clip }: Table) =>
  delay === 1 && (clip === 0 || noise === 0)

function requirePlainFeatures({ policy_kwargs: policy }: Table): void {
  const extractor = isTable(policy) ? policy.features_extractor_class : undefined
  if (extractor === undefined || FLATTENING.includes(shown(extractor))) return
  throw new ModelFileError(
    `The agent's features_extractor_class is ${shown(extractor)}: a features extractor has no place here.`,
  )
}
