import type { Command } from '@commander-js/extra-typings'
import * as z from 'zod/mini'
import { learningRateSchema, trainingSchema } from '../../run/settings.ts'
import { type TuneOptions, tuneSchema } from '../../run/tune/plan.ts'
import { UsageError } from '../../run/usage-error.ts'
import { sacOptionsSchema } from '../../sac/options.ts'
import { isOfRun, readConfigFile } from '../config-file.ts'
import { envOptionFlag } from '../environments/env-option.ts'
import { flagsFor } from '../option-flags.ts'
import { say } from '../output/say.ts'
import { describeTuneEvent, describeTuneResult } from '../output/tune-report.ts'
import { type Interruption, stopOnSignals } from '../training/stop-signals.ts'

/** Settings that a search decides itself. */
const OWN = { seed: true, threads: true, background: true } as const

/** Adds `sac tune`. */
export function addTuneCommand(program: Command): void {
  const command = program
    .command('tune')
    .summary('search for good settings')
    .description(
      'Search for settings with which an agent learns most in an environment. Each trial is an ordinary run, several train ' +
        'at once, and those that do badly are stopped early. If it is interrupted, the same command resumes it. ' +
        'Flags fix settings for all trials.',
    )
    .argument('[environment]', 'as for `sac train`; it can be in the config file instead')
    .option(
      '--space <file>',
      'what to search: a .yaml, .json, .ts or .js file; without it, around the preset',
    )
    .option('--config <file>', 'settings of all trials from such a file')
    .option('--out <directory>', 'where its journal and its runs go (default runs/tune-<environment>)')
    .addOption(envOptionFlag())
  for (const flag of flagsFor(tuneSchema, 'Search:')) command.addOption(flag)
  for (const flag of flagsFor(z.omit(trainingSchema, { envThreads: true }))) command.addOption(flag)
  for (const flag of flagsFor(z.omit(sacOptionsSchema, OWN), 'Hyperparameters:')) command.addOption(flag)
  for (const flag of flagsFor(learningRateSchema, 'Hyperparameters:')) command.addOption(flag)

  command.action(async (id, { space, config, out: directory, envOption, ...flags }) => {
    const given = Object.entries(flags as Record<string, unknown>)
    const isOwn = ([name]: [string, unknown]) => Object.hasOwn(tuneSchema.shape, name)
    const file = config === undefined ? {} : await readSettings(config)
    const environment = id ?? file.environment
    if (typeof environment !== 'string') {
      throw new UsageError('Name the environment to search settings for, as in: sac tune Pendulum-v1')
    }
    const settings = withOptions(
      { ...file, ...Object.fromEntries(given.filter(entry => !isOwn(entry))) },
      envOption,
    )
    process.exitCode = await search({
      ...(Object.fromEntries(given.filter(isOwn)) as Partial<TuneOptions>),
      environment,
      settings,
      ...(space !== undefined && { space: (await readConfigFile(space)) as TuneOptions['space'] }),
      directory,
    })
  })
}

async function search(options: TuneOptions): Promise<number> {
  const { tune } = await import('../../run/tune/tune.ts')
  const { signal, release } = stopOnSignals()
  const onAbort = () => say('Stopping; the same command resumes the search.')
  signal.addEventListener('abort', onAbort)
  try {
    const onEvent: TuneOptions['onEvent'] = event => say(describeTuneEvent(event))
    const result = await tune({ ...options, signal, onEvent })
    say(describeTuneResult(result))
    if (signal.aborted) return (signal.reason as Interruption).exitCode
    return result.trials.some(({ state }) => state === 'running') ? 1 : 0
  } finally {
    signal.removeEventListener('abort', onAbort)
    release()
  }
}

async function readSettings(config: string): Promise<Record<string, unknown>> {
  const file = await readConfigFile(config)
  if (!isOfRun(config, file)) return file
  throw new UsageError(
    `${config} is the config file of a run, which sets everything; write one with the settings that all trials are to have.`,
  )
}

const withOptions = (settings: Record<string, unknown>, given: Record<string, unknown> | undefined) =>
  given === undefined
    ? settings
    : { ...settings, environmentOptions: { ...(settings.environmentOptions as object), ...given } }
