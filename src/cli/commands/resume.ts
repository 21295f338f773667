import type { Command } from '@commander-js/extra-typings'
import * as z from 'zod/mini'
import { loadSettings } from '../../run/load-run.ts'
import { isYetToBegin } from '../../run/run-directory.ts'
import { requireNobodyTrains } from '../../run/run-lock.ts'
import { trainingSchema } from '../../run/settings.ts'
import { UsageError } from '../../run/usage-error.ts'
import {
  type ActorFlags,
  actorFlags,
  openBroker,
  splitActorFlags,
  untilNobodyTrains,
} from '../actors/actor-flags.ts'
import { requireTrust, TRUST_FLAG } from '../environments/require-trust.ts'
import { flagsFor } from '../option-flags.ts'
import { say } from '../output/say.ts'
import { trainWith } from '../training/train-with.ts'

/** Adds `sac resume`. */
export function addResumeCommand(program: Command): void {
  const command = program
    .command('resume')
    .summary('resume a run that was stopped')
    .description(
      'Resume a run from its last checkpoint, as if it had never stopped. With --steps it is trained up to ' +
        'another total, counted from the very start of the run; without, up to the one it has.',
    )
    .argument('<run>', 'directory of the run, as `sac train` printed it')
    .option(...TRUST_FLAG)
  for (const flag of actorFlags()) command.addOption(flag)
  for (const flag of flagsFor(z.pick(trainingSchema, { steps: true }))) command.addOption(flag)

  command.action(async (directory, { trust, ...given }) => {
    const { actors, rest: flags } = splitActorFlags(given as Partial<ActorFlags>)
    if (isYetToBegin(directory)) {
      throw new UsageError(
        `There is no run in ${directory} yet. If one was killed before its settings were saved, begin it again with: ` +
          `sac train <environment> --out ${directory}`,
      )
    }
    const broker = await openBroker(actors)
    try {
      // Before the environments are made, because they may be real machines.
      await (actors.standby ? untilNobodyTrains(directory) : requireNobodyTrains(directory, { say }))
      const settings = { ...loadSettings(directory), ...(flags as { steps?: number }) }
      await requireTrust(directory, settings, trust)
      process.exitCode = await trainWith(settings, { resume: directory }, broker)
    } finally {
      await broker?.close()
    }
  })
}
