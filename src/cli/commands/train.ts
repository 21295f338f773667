import { dirname } from 'node:path'
import type { Command, Help } from '@commander-js/extra-typings'
import * as z from 'zod/mini'
import { environmentIds } from '../../envs/registry.ts'
import { flagName, formatValue } from '../../option-text.ts'
import { option } from '../../options.ts'
import { isModulePath } from '../../run/environment-path.ts'
import { closeAll, environmentOf } from '../../run/environments/environment.ts'
import { resolveSettings } from '../../run/preset-settings.ts'
import { learningRateSchema, type RunSettings, trainingSchema } from '../../run/settings.ts'
import { findStoppedRun } from '../../run/stopped-runs.ts'
import { UsageError } from '../../run/usage-error.ts'
import { members } from '../../sac/members/index.ts'
import { ALGORITHMS, sacOptionsSchema } from '../../sac/options.ts'
import { presetFor } from '../../training/presets.ts'
import {
  type ActorFlags,
  actorFlags,
  openBroker,
  splitActorFlags,
  untilNobodyTrains,
} from '../actors/actor-flags.ts'
import { isOfRun, readConfigFile } from '../config-file.ts'
import { closeInTime } from '../environments/close-in-time.ts'
import { envOptionFlag } from '../environments/env-option.ts'
import { requireTrust, TRUST_FLAG, withoutOptions } from '../environments/require-trust.ts'
import { flagsFor } from '../option-flags.ts'
import { stopOnSignals } from '../training/stop-signals.ts'
import { trainWith } from '../training/train-with.ts'

/** Adds `sac train`, with a flag for every setting, generated from their schema. */
export function addTrainCommand(program: Command): void {
  const command = program
    .command('train')
    .summary('train an agent, save it and evaluate it')
    .description(
      'Train an agent by Soft Actor-Critic or another member of its family, save it and evaluate it.',
    )
    .argument(
      '[environment]',
      'an id that `sac envs` lists, a file such as ./my-env.ts, or gymnasium:<id>; it can be in the config file instead',
    )
    .option(
      '--config <file>',
      'settings from a .yaml, .json, .ts or .js file; with config.json of a run, repeat it',
    )
    .option('--out <directory>', 'the directory of the run (default runs/<environment>-seed<seed>)')
    .option(
      '--resume',
      'resume the run in --out, or the last one with these settings in runs/, if there is one',
    )
    .option(...TRUST_FLAG)
    .option('--init-from <run>', 'begin with the weights that another run has learned')
    .option(
      '--demonstrations <file>',
      'learn from stored transitions as well: .jsonl, .parquet, .npz or .hdf5',
    )
    .addOption(envOptionFlag())
    .addHelpText('after', ({ command }) => membersHelp(command.createHelp()))
    .addHelpText('after', ({ command }) => presetsHelp(command.createHelp()))
  for (const flag of actorFlags()) command.addOption(flag)
  for (const flag of flagsFor(trainingSchema)) command.addOption(flag)
  for (const flag of flagsFor(seedsSchema)) command.addOption(flag)
  for (const flag of flagsFor(sacOptionsSchema, 'Hyperparameters:')) command.addOption(flag)
  for (const flag of flagsFor(learningRateSchema, 'Hyperparameters:')) command.addOption(flag)

  command.action(async (environment, { config, out, resume, envOption, trust, ...rest }) => {
    const { actors, rest: others } = splitActorFlags(rest as Partial<ActorFlags> & { seeds?: number })
    const { seeds, ...flags } = others
    const file = config === undefined ? {} : await readConfigFile(config)
    const settings = resolveSettings(environment, file, flags, envOption)
    if (config !== undefined && isOfRun(config, file) && !isModulePath(environment ?? '')) {
      const named = resolveSettings(environment, file, flags)
      await requireTrust(dirname(config), withoutOptions(named, envOption), trust)
    }
    if (seeds !== undefined && actors.nats !== undefined)
      throw new UsageError('--seeds trains several runs, and --nats is for one: leave one of them out.')
    if (actors.standby && actors.nats !== undefined && out === undefined)
      throw new UsageError('--standby resumes what another learner has saved: name its directory with --out.')
    const broker = await openBroker(actors)
    try {
      if (seeds !== undefined) process.exitCode = await trainEach(settings, seeds, out, resume)
      else {
        if (out !== undefined && actors.standby) await untilNobodyTrains(out)
        const stopped = resume || actors.standby ? findStoppedRun(settings, out) : undefined
        const place = stopped === undefined ? { out } : { resume: stopped }
        process.exitCode = await trainWith(settings, place, broker)
      }
    } finally {
      await broker?.close()
    }
  })
}

const seedsSchema = z.strictObject({
  seeds: option(
    z.optional(z.int().check(z.minimum(1))),
    'Number of runs to train, with this seed and those after it, as many at once as there are cores',
    'a whole number of at least 1',
  ),
})

/** Trains with the same arguments for each seed, so that each run goes as it would alone. */
async function trainEach(
  settings: RunSettings,
  seeds: number,
  out: string | undefined,
  resume: boolean | undefined,
): Promise<number> {
  // Tried once first, so that a mistake is reported once and before any directory is made.
  const env = await environmentOf(settings)
  if (!(await closeInTime(() => closeAll([env])))) return 1
  const { signal, release } = stopOnSignals()
  try {
    const { reportSeeds } = await import('../training/seeds.ts')
    const { stdout, stderr } = process
    return await reportSeeds(settings, { seeds, out, resume }, { stdout, stderr, signal })
  } finally {
    release()
  }
}

/** The defaults of the members of the family, where they differ from those of `sac`. */
function membersHelp(help: Help): string {
  const lines = ALGORITHMS.filter(name => name !== 'sac').map(name => {
    const { title, source, defaults } = members[name]
    const flags = Object.entries(defaults).map(
      ([option, value]) => `${flagName(option)} ${formatValue(value)}`,
    )
    return `  ${name}: ${title} (${source})\n    ${help.boxWrap(flags.join(' '), 76).replaceAll('\n', '\n    ')}`
  })
  return ['\nMembers of the family, and their defaults where these differ:', ...lines].join('\n')
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
    '\nPresets for sac. Other members take them except for options that have published settings of their own. Flags override the config file, which overrides presets:',
    ...presets,
    '\nThe return shown while training is the mean of the last 10 episodes.',
  ].join('\n')
}
