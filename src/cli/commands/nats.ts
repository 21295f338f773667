import type { Command } from '@commander-js/extra-typings'
import type { NatsConnection } from '@nats-io/transport-node'
import {
  type BrokerFlags,
  brokerFlags,
  requireRun,
  requireRunName,
  withBroker,
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
    await withBroker(flags as BrokerFlags, async connection => {
      await showRuns(connection, withoutSecrets((flags as { nats: string }).nats), name)
    })
  })
}

async function showRuns(connection: NatsConnection, place: string, only: string | undefined): Promise<void> {
  const { listNatsRuns } = await import('../../nats/index.ts')
  const { describeNatsRun } = await import('../actors/nats-runs.ts')
  const all = await listNatsRuns(connection)
  const runs = only === undefined ? all : [requireRun(all, only, place)]
  if (runs.length === 0) {
    say(`There are no runs at ${place}. To begin one: sac train Pendulum-v1 --nats ${place} --run pendulum`)
  }
  for (const run of runs) say(await describeNatsRun(connection, run))
}
