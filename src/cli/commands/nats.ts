import type { Command } from '@commander-js/extra-typings'
import type { NatsConnection } from '@nats-io/transport-node'
import { UsageError } from '../../run/usage-error.ts'
import {
  type BrokerFlags,
  brokerFlags,
  connectBroker,
  requireRunName,
  withoutSecrets,
} from '../actors/broker.ts'
import { say } from '../output/say.ts'

/** Adds `sac nats`. */
export function addNatsCommand(program: Command): void {
  const command = program
    .command('nats')
    .summary('list the runs on a NATS server, and their actors')
    .description(
      'List the runs on a NATS server: how far each is, what its log holds, and its actors, with their rates and how ' +
        'many updates their policies are behind.',
    )
    .option('--run <name>', 'this run alone')
  for (const flag of brokerFlags()) command.addOption(flag)

  command.action(async ({ run, ...flags }) => {
    const name = run === undefined ? undefined : requireRunName(run)
    const connection = await connectBroker(flags as BrokerFlags)
    try {
      await showRuns(connection, withoutSecrets((flags as { nats: string }).nats), name)
    } finally {
      await connection.close()
    }
  })
}

async function showRuns(connection: NatsConnection, place: string, only: string | undefined): Promise<void> {
  const { listNatsRuns } = await import('../../nats/index.ts')
  const { describeNatsRun } = await import('../actors/nats-runs.ts')
  const all = await listNatsRuns(connection)
  const runs = all.filter(({ run }) => only === undefined || run === only)
  if (only !== undefined && runs.length === 0) {
    const others = all.map(({ run }) => run).join(', ')
    throw new UsageError(
      `There is no run ${only} at ${place}; there ${others === '' ? 'is none at all' : `are: ${others}`}.`,
    )
  }
  if (runs.length === 0) {
    say(`There are no runs at ${place}. To begin one: sac train Pendulum-v1 --nats ${place} --run pendulum`)
  }
  for (const run of runs) say(await describeNatsRun(connection, run))
}
