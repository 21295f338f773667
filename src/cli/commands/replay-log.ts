import { isDeepStrictEqual } from 'node:util'
import type { Command } from '@commander-js/extra-typings'
import { putTogether, takeApart } from '../../encoding/structured.ts'
import { type Checkpoint, keptCheckpoints } from '../../run/checkpoints.ts'
import { closeAll, environmentOf } from '../../run/environments/environment.ts'
import { loadSettings } from '../../run/load-run.ts'
import { agentOptions } from '../../run/settings.ts'
import { UsageError } from '../../run/usage-error.ts'
import type { TrainingState } from '../../training/lanes.ts'
import { stalenessFlag } from '../actors/actor-flags.ts'
import {
  type BrokerFlags,
  brokerFlags,
  requireRun,
  requireRunName,
  withBroker,
  withoutSecrets,
} from '../actors/broker.ts'
import { requireTrust, TRUST_FLAG } from '../environments/require-trust.ts'
import { formatCount } from '../output/format.ts'
import { say } from '../output/say.ts'

/** Adds `sac replay-log`. */
export function addReplayLogCommand(program: Command): void {
  const command = program
    .command('replay-log')
    .summary('learn again from the log of a run with actors, and compare')
    .description(
      'Learn again, from the log on the NATS server, what a run with actors has learned between its two checkpoints, or ' +
        'from its beginning if it has only one, and compare: every weight and the replay buffer must be the same, bit for bit.',
    )
    .argument('<run>', 'directory of the run, as `sac train` printed it')
    .option('--run <name>', 'name of the run on the NATS server')
    .addOption(stalenessFlag('as the run was trained with'))
    .option(...TRUST_FLAG)
  for (const flag of brokerFlags()) command.addOption(flag)

  command.action(async (directory, { run, maxStaleness, trust, ...flags }) => {
    const name = requireRunName(run)
    await requireTrust(directory, loadSettings(directory), trust)
    const [from, to] = ends(directory)
    process.exitCode = await withBroker(flags as BrokerFlags, async connection => {
      const { listNatsRuns, openNatsTransport } = await import('../../nats/index.ts')
      requireRun(await listNatsRuns(connection), name, withoutSecrets((flags as { nats: string }).nats))
      const transport = await openNatsTransport(connection, { run: name })
      const code = await replay(directory, transport, { from, to, maxStaleness })
      await transport.close()
      return code
    })
  })
}

type WithActors = Checkpoint & { training: Required<Pick<TrainingState, 'experience'>> }

/** The checkpoints between which to learn again; the first is missing for the beginning of the run. */
function ends(directory: string): [from: Checkpoint | undefined, to: WithActors] {
  const [from, to = from] = keptCheckpoints(directory)
  if (!to) throw new UsageError(`${directory} has no checkpoint with which to compare.`)
  if (!to.training.experience)
    throw new UsageError(
      `${directory} acts alone: what it learned from is in no log, and is made again by training.`,
    )
  return [from === to ? undefined : from, to as WithActors]
}

interface Stretch {
  from: Checkpoint | undefined
  to: WithActors
  maxStaleness: number | undefined
}

/** @returns the exit code */
async function replay(
  directory: string,
  transport: import('../../distributed/transport.ts').Transport,
  { from, to, maxStaleness }: Stretch,
): Promise<number> {
  const { SAC } = await import('../../sac/agent.ts')
  const { beginningOf } = await import('../../distributed/intake.ts')
  const { replayLog } = await import('../../distributed/replay-log.ts')
  const settings = loadSettings(directory)
  const env = await environmentOf(settings)
  const agent = await SAC.create(env, agentOptions(settings))
  try {
    if (from) agent.restore(from.agent)
    const state = from?.training ?? beginningOf(to.training.experience)
    const begun = agent.steps
    const { steps } = to.agent.counters
    for await (const _ of replayLog(agent, transport, { steps: steps - begun, state, maxStaleness }));
    const what = `Learned again from the log, from step ${formatCount(begun)} to step ${formatCount(steps)}`
    const isSame = isDeepStrictEqual(putTogether(takeApart(agent.state())), to.agent)
    say(`${what}: ${isSame ? 'the same, bit for bit.' : 'it is NOT the same.'}`)
    if (!isSame) say(whyNot(agent.engine, to.engine))
    return isSame ? 0 : 1
  } finally {
    await agent.dispose()
    await closeAll([env])
  }
}

const whyNot = (now: string, before: string): string =>
  now === before
    ? 'Was the run trained with another --max-staleness, or were its settings changed while it trained?'
    : `It was trained on ${before}, and this is ${now}, whose arithmetic may differ.`
