import { ALGORITHMS } from '../sac/options.ts'
import { presetFor } from '../training/presets.ts'
import { GYMNASIUM, resolvePaths } from './environment-path.ts'
import { parseSettings, type RunSettings, type RunSettingsInput, spreadLearningRate } from './settings.ts'
import { UsageError } from './usage-error.ts'

/**
 * The settings of a training as `sac train` resolves them: those that are named, then the environment's preset, then
 * defaults. Paths in them are relative to the working directory.
 * @throws OptionError naming each faulty setting, its value and what is allowed
 * @example
 * const settings = presetSettings({ environment: 'Pendulum-v1', seed: 3 })
 */
export const presetSettings = (
  named: Omit<RunSettingsInput, 'steps'> & Partial<Pick<RunSettingsInput, 'steps'>>,
): RunSettings => resolveSettings(undefined, { ...named })

/** Flags override the config file, which overrides the environment's preset, which overrides the defaults. */
export function resolveSettings(
  environment: string | undefined,
  file: Record<string, unknown>,
  flags: Record<string, unknown> = {},
  environmentOptions: Record<string, unknown> = {},
): RunSettings {
  const id = environment ?? file.environment
  if (id === undefined) throw new UsageError('Name the environment to train in, as in: sac train Pendulum-v1')
  // Environments of Gymnasium take the same settings as ours of the same name.
  const algorithm = ALGORITHMS.find(name => name === (flags.algorithm ?? file.algorithm))
  const preset = presetFor(String(id).replace(GYMNASIUM, ''), algorithm)
  const settings = parseSettings({
    steps: preset.steps,
    ...preset.options,
    ...spreadLearningRate(file, algorithm),
    ...spreadLearningRate(flags, algorithm),
    environment: id,
  })
  const allOptions = { ...settings.environmentOptions, ...environmentOptions }
  return resolvePaths({ ...settings, environmentOptions: allOptions }, process.cwd())
}
