/** What an actor may do at the broker is what docs/distributed.md lets it do. */
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { afterEach, expect, test } from 'vitest'
import { actFor, learnFromActors, makeEnv, SAC } from '../../src/index.ts'
import { openNatsTransport } from '../../src/nats/index.ts'
import { startBroker } from '../../tools/nats-server.ts'
import { readPage } from '../processes/pages/page.ts'

const OPTIONS = { seed: 3, hiddenSizes: [8, 8], learningStarts: 60, batchSize: 8, bufferSize: 20_000 }
const configuration = /```conf\n(authorization[\s\S]*?)```/.exec(readPage('docs/distributed.md').text)![1]

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

test('an actor publishes its own experience and presence, reads the board, and nothing else', async () => {
  const broker = await startBroker(configuration)
  ends.push(broker.close)
  const enter = async (user: string) => {
    const connection = await connect({ servers: broker.servers, user, pass: user })
    ends.push(() => connection.close())
    return connection
  }
  const learner = await openNatsTransport(await enter('learner'), { run: 'walkers', create: true })
  const connection = await enter('kitchen')
  const denied = deniedSubjects(connection)
  const stop = new AbortController()
  const acting = openNatsTransport(connection, { run: 'walkers' }).then(async transport =>
    actFor(transport, await makeEnv('Pendulum-v1'), { actor: 'kitchen', signal: stop.signal }),
  )
  const agent = await SAC.create(await makeEnv('Pendulum-v1'), OPTIONS)
  for await (const _ of learnFromActors(agent, learner, { steps: 300 }));
  stop.abort()
  expect((await acting).steps).toBeGreaterThanOrEqual(300)
  expect(agent.steps).toBe(300)
  expect(denied).toEqual([])

  const forbidden = [
    'sac.walkers.exp.garden',
    '$KV.sac_walkers.weights',
    '$KV.sac_walkers.actor.garden',
    '$JS.API.STREAM.PURGE.SAC_walkers',
    '$JS.API.CONSUMER.CREATE.SAC_walkers.x',
  ]
  for (const subject of forbidden) connection.publish(subject, 'x')
  await connection.flush()
  await expect.poll(() => denied.length).toBe(forbidden.length)
  expect(denied).toEqual(forbidden)
  await agent.dispose()
})

/** What the broker forbids from now on. */
function deniedSubjects(connection: NatsConnection): string[] {
  const denied: string[] = []
  const watch = async () => {
    for await (const status of connection.status()) {
      if (status.type !== 'error') continue
      const subject = /to "([^"]+)"/.exec(String(status.error))
      denied.push(subject ? subject[1] : String(status.error))
    }
  }
  void watch()
  return denied
}
