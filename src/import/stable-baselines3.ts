/**
 * Agents of Stable-Baselines3's SAC, TD3 and DDPG and of sb3-contrib's TQC, as `save` wrote them: a zip archive of PyTorch's tensors and of `data`, the
 * settings; and the statistics of VecNormalize, which are in a file of their own.
 */
import type { NamedTensors } from '../encoding/safetensors.ts'
import type { SacOptionsInput } from '../sac/options.ts'
import { hasOption } from '../sac/parse-options.ts'
import { excerpt, ModelFileError } from './model-file-error.ts'
import { readStateDict } from './pytorch.ts'
import { algorithmIn, policyAlgorithm } from './stable-baselines3-algorithm.ts'
import { countIn, parseData } from './stable-baselines3-data.ts'
import { deviationsIn, networksIn } from './stable-baselines3-network.ts'
import { settingsIn } from './stable-baselines3-settings.ts'
import { boundsIn, spaceSizesIn } from './stable-baselines3-spaces.ts'
import { stateDependentNoiseIn } from './stable-baselines3-state-dependent-noise.ts'
import { readVecNormalize } from './vec-normalize.ts'
import { unpackedLimit, unzip } from './zip.ts'

/** An agent that another library has trained. */
export interface ImportedAgent {
  /** The library and its version. */
  source: string
  /** For `SAC.create`, so that the parameters fit. */
  options: SacOptionsInput
  /** For `loadParameters`: actor, critics, targets and the temperature, if any; with VecNormalize its statistics. */
  parameters: NamedTensors
  /** Numbers in an observation. */
  observationSize: number
  /** Numbers in an action. */
  actionSize: number
  /** Lowest action, [actionSize]; undefined where the file does not say it legibly. */
  actionLow?: number[]
  /** Highest action, likewise. */
  actionHigh?: number[]
  /** Environment steps it has learned from. */
  steps: number
  /** Gradient updates it has learned from. */
  updates: number
  /** What was not taken over, one sentence each. */
  notes: string[]
}

/** What `importStableBaselines3` takes beside the file. */
export interface ImportOptions {
  /** Bytes of the file that `VecNormalize.save` wrote, if the agent was trained with VecNormalize. */
  vecNormalize?: Uint8Array
}

/** The archive's files, and the tensors in them. */
const [DATA, POLICY, VARIABLES, VERSION] = [
  'data',
  'policy.pth',
  'pytorch_variables.pth',
  '_stable_baselines3_version',
]

/**
 * Reads an agent that `save` of Stable-Baselines3's SAC, TD3 or DDPG wrote, or of sb3-contrib's TQC. Nothing in the file is executed, and its size bounds the
 * time and memory that it takes. What is returned fits together: sizes of spaces, layers and statistics.
 *
 * Not taken over are the optimisers' moments, and the replay buffer, which Stable-Baselines3 keeps in another file.
 *
 * @param bytes of the .zip file
 * @throws ModelFileError if the file is cut off or damaged, is no such agent, or one with parts that have no place
 *   here: another policy than MlpPolicy and MultiInputPolicy, observations that are no
 *   vectors or `Dict` of them, gSDE of a rare form, an
 *   activation other than ReLU and Tanh, networks without hidden layers
 * @example
 * const { options, parameters, steps } = importStableBaselines3(new Uint8Array(await readFile('model.zip')))
 * const agent = await SAC.create(env, options)
 * agent.loadParameters(parameters, { steps })
 */
export function importStableBaselines3(
  bytes: Uint8Array,
  { vecNormalize }: ImportOptions = {},
): ImportedAgent {
  const limit = unpackedLimit(bytes)
  const wanted = (path: string) => [DATA, POLICY, VARIABLES, VERSION].includes(path)
  const files = unzip(bytes, 'The file', { wanted, limit })
  const fileOf = (path: string) => {
    const file = files.get(path)
    if (file) return file
    throw new ModelFileError(
      `The file is no agent that Stable-Baselines3 saved, or it is cut off: there is no ${path} in it.`,
    )
  }
  const data = parseData(fileOf(DATA), DATA)
  const spaces = spaceSizesIn(data)
  // Before the tensors, which files of other libraries do not have.
  policyAlgorithm(data)
  const tensors = readStateDict(fileOf(POLICY), POLICY, limit)
  const algorithm = algorithmIn(data, tensors)
  const noise = stateDependentNoiseIn(data, deviationsIn(tensors) !== undefined)
  const { parameters, options, ...sizes } = networksIn(tensors, spaces, algorithm)
  let fixed: number | undefined
  if (hasOption(algorithm, 'temperature')) {
    const temperature = temperatureOf(readStateDict(fileOf(VARIABLES), VARIABLES, limit))
    parameters.logAlpha = { shape: [1], data: Float32Array.of(temperature.logAlpha) }
    fixed = temperature.fixed
  }
  requireFinite(parameters, fixed)
  const settings = settingsIn(data, { algorithm, temperature: fixed, ...options })
  const statistics = vecNormalize && readVecNormalize(vecNormalize, sizes.observationSize)

  const { action_space: actionSpace } = data
  const [actionLow, actionHigh] = (['low', 'high'] as const).map(end =>
    boundsIn(actionSpace, end, sizes.actionSize),
  )
  const boundsNote =
    actionLow && actionHigh
      ? []
      : ['The bounds of actions are not legible; make sure that those here are the same.']
  const version = files.get(VERSION) ?? new Uint8Array()
  return {
    source: `Stable-Baselines3 ${excerpt(new TextDecoder().decode(version).trim(), 30)}`.trim(),
    options: { algorithm, ...options, ...settings.options, ...noise.options, ...statistics?.options },
    parameters: { ...parameters, ...statistics?.parameters },
    ...sizes,
    actionLow,
    actionHigh,
    steps: countIn(data, 'num_timesteps'),
    updates: countIn(data, '_n_updates'),
    notes: [...settings.notes, ...noise.notes, ...boundsNote, ...(statistics?.notes ?? [])],
  }
}

function requireFinite(parameters: NamedTensors, temperature: number | undefined): void {
  for (const [name, { data }] of Object.entries(parameters)) {
    const wrong = data.find(value => !Number.isFinite(value))
    // A temperature fixed at zero has the logarithm -Infinity.
    if (wrong === undefined || (name === 'logAlpha' && temperature === 0)) continue
    throw new ModelFileError(`The agent's ${name} holds ${wrong}; its training had failed.`)
  }
}

/** The temperature's logarithm, and the temperature itself where it is fixed. */
function temperatureOf(tensors: NamedTensors): { logAlpha: number; fixed?: number } {
  const tuned = Object.hasOwn(tensors, 'log_ent_coef') ? tensors.log_ent_coef.data : undefined
  if (tuned?.length === 1) return { logAlpha: tuned[0] }
  const fixed = Object.hasOwn(tensors, 'ent_coef_tensor') ? tensors.ent_coef_tensor.data : undefined
  if (tuned === undefined && fixed?.length === 1) return { logAlpha: Math.log(fixed[0]), fixed: fixed[0] }
  throw new ModelFileError(`The file holds no agent of SAC or TQC: there is no temperature in ${VARIABLES}.`)
}
