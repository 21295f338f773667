/** An actor in a process of its own, for `distributed.ts`: servers, run, name, and milliseconds that a step takes. */
import { connect } from '@nats-io/transport-node'
import { actFor, box, type Env } from '../src/index.ts'
import { openNatsTransport } from '../src/nats/index.ts'

/** An environment with the sizes of HalfCheetah-v5 in which nothing happens. */
export function stillEnv(milliseconds = 0): Env {
  const observation = new Float32Array(17)
  const answer = { observation, reward: 0, terminated: false, truncated: false }
  const later = () => new Promise<typeof answer>(resolve => setTimeout(resolve, milliseconds, answer))
  return {
    observationSpace: box({ low: -10, high: 10, shape: [17] }),
    actionSpace: box({ low: -1, high: 1, shape: [6] }),
    reset: () => ({ observation }),
    step: () => (milliseconds === 0 ? answer : later()),
  }
}

if (process.argv[1] === import.meta.filename) {
  const [servers, run, name, milliseconds] = process.argv.slice(2)
  const connection = await connect({ servers })
  const transport = await openNatsTransport(connection, { run })
  const action = new Float32Array(6)
  // Where steps take no time, the policy's own would be measured: it is left out.
  const explorer = { explore: () => action, endEpisode: () => {}, environmentSeed: () => 0 }
  await actFor(transport, stillEnv(Number(milliseconds)), {
    actor: name,
    ...(milliseconds === '0' && { explorer }),
  })
  await connection.close()
}
