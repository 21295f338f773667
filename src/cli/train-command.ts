import type { Command, Help } from '@commander-js/extra-typings'
import { environmentIds } from '../envs/registry.ts'
import { GYMNASIUM, resolvePaths } from '../run/environment-path.ts'
import { parseSettings, type RunSettings, trainingSchema } from '../run/settings.ts'
import { findStoppedRun } from '../run/stopped-runs.ts'
import { UsageError } from '../run/usage-error.ts'
import { sacOptionsSchema } from '../sac/options.ts'
import { presetFor } from '../training/presets.ts'
import { readConfigFile } from './config-file.ts'
import { envOptionFlag } from './env-option.ts'
import { flagName, flagsFor, formatValue } from './option-flags.ts'
import { trainWith } from './train-with.ts'

/** Adds `sac train`, with a flag for every setting, generated from their schema. */
export function addTrainCommand(program: Command): void {
  const command = program
    .command('train')
    .summary('train an agent, save it and evaluate it')
    .description('Train an agent by Soft Actor-Critic, save it and evaluate it.')
    .argument(
      '[environment]',
      'an id that `sac envs` lists, a file such as ./my-env.ts, or gymnasium:<id>; it may stand in the config file',
    )
    .option(
      '--config <file>',
      'settings from a .yaml, .json, .ts or .js file; with config.json of a run, repeat it',
    )
    .option('--out <directory>', 'the directory of the run (default runs/<environment>-seed<seed>)')
    .option(
      '--resume',
      'go on with the run in --out, or the last with these settings in runs/, if there is one',
    )
    .option('--init-from <run>', 'begin with the weights that another run has learned')
    .addOption(envOptionFlag())
    .addHelpText('after', ({ command }) => presetsHelp(command.createHelp()))
  for (const flag of flagsFor(trainingSchema)) command.addOption(flag)
  for (const flag of flagsFor(sacOptionsSchema, 'Hyperparameters:')) command.addOption(flag)

  command.action(async (environment, { config, out, resume, envOption, ...flags }) => {
    const file = config === undefined ? {} : await readConfigFile(config)
    const settings = resolveSettings(environment, file, flags, envOption)
    const stopped = resume ? findStoppedRun(settings, out) : undefined
    process.exitCode = await trainWith(settings, stopped === undefined ? { out } : { resume: stopped })
  })
}

/** Flags win over the config file, that over the environment's preset, and that over the defaults. */
function resolveSettings(
  environment: string | undefined,
  file: Record<string, unknown>,
  flags: Record<string, unknown>,
  environmentOptions: Record<string, unknown> = {},
): RunSettings {
  const id = environment ?? file.environment
  if (id === undefined) throw new UsageError('Name the environment to train in, as in: sac train Pendulum-v1')
  // Gymnasium's own take the same settings as ours of that name.
  const preset = presetFor(String(id).replace(GYMNASIUM, ''))
  const settings = parseSettings({
    steps: preset.steps,
    ...preset.options,
    ...file,
    ...flags,
    environment: id,
  })
  const allOptions = { ...settings.environmentOptions, ...environmentOptions }
  return resolvePaths({ ...settings, environmentOptions: allOptions }, process.cwd())
}

function presetsHelp(help: Help): string {
  const presets = environmentIds().map(id => {
    const { steps, options } = presetFor(id)
    const flags = Object.entries({ steps, ...options }).map(
      ([name, value]) => `${flagName(name)} ${formatValue(value)}`,
    )
    return `  ${id}\n    ${help.boxWrap(flags.join(' '), 76).replaceAll('\n', '\n    ')}`
  })
  return [
    '\nPresets (flags win over the config file, and that over presets):',
    ...presets,
    '\nThe return shown while training is the mean of the last 10 episodes.',
  ].join('\n')
}
