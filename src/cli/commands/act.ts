import type { Command } from '@commander-js/extra-typings'
import * as z from 'zod/mini'
import { option } from '../../options.ts'
import { UsageError } from '../../run/usage-error.ts'
import { actorName, type BrokerFlags, brokerFlags, requireRunName, withBroker } from '../actors/broker.ts'
import { envOptionFlag } from '../environments/env-option.ts'
import { TRUST_FLAG } from '../environments/require-trust.ts'
import { flagsFor } from '../option-flags.ts'

const actSchema = z.strictObject({
  envs: option(
    z._default(z.int().check(z.minimum(1)), 1),
    'Environments to act in, side by side in one thread',
    'a whole number of at least 1',
  ),
})

const ACTOR_NAME = /^[\w-]{1,56}$/

/** Adds `sac act`. */
export function addActCommand(program: Command): void {
  const command = program
    .command('act')
    .summary('act for a run that learns on another machine')
    .description(
      'Act for a run that `sac train --nats` has begun, by its newest policy, and send it what happens. Environment and ' +
        'settings are those of the run. Ends when the run has finished, or on Ctrl-C.',
    )
    .argument('[environment]', "the environment on this machine, if it is not the run's by name")
    .option('--run <name>', 'name of the run on the NATS server')
    .option(
      '--name <name>',
      'what the actor is called, different from all others of the run (default: host and process)',
    )
    .option(...TRUST_FLAG)
    .addOption(envOptionFlag())
  for (const flag of flagsFor(actSchema)) command.addOption(flag)
  for (const flag of brokerFlags()) command.addOption(flag)

  command.action(async (environment, { run, name, trust, envOption, ...rest }) => {
    const { nats, creds, nkey, token, ...flags } = rest as BrokerFlags & { envs?: number }
    const { envs } = actSchema.parse(flags)
    const runName = requireRunName(run)
    if (name !== undefined && !ACTOR_NAME.test(name))
      throw new UsageError(`--name is '${name}'; it must be of letters, digits, - and _, at most 56 of them.`)
    process.exitCode = await withBroker({ nats, creds, nkey, token }, async connection => {
      // Loaded only here, so that help and error messages need not wait for it.
      const { actForRun } = await import('../actors/act-for-run.ts')
      return actForRun({
        connection,
        run: runName,
        count: envs,
        name: name ?? actorName(String(process.pid)),
        own: { environment, environmentOptions: envOption, trust },
      })
    })
  })
}
