import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect as connectSocket, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where `tools/nats-server.sh` puts it; tests and benchmarks run in the root of the repository. */
const program = resolve('.nats-server/nats-server')

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/**
 * A broker with JetStream in a folder of its own, which can be killed and started again.
 * @param more of its configuration, such as who may connect
 */
export async function startBroker(more = '') {
  const folder = mkdtempSync(join(tmpdir(), 'sac-broker-'))
  const port = await freePort()
  const config = join(folder, 'nats.conf')
  writeFileSync(config, `listen: "127.0.0.1:${port}"\njetstream { store_dir: "${folder}/store" }\n${more}\n`)
  let process: ChildProcess | undefined

  async function start(): Promise<void> {
    process = spawn(program, ['-c', config], { stdio: 'ignore' })
    for (;;) {
      const socket = connectSocket(port, '127.0.0.1')
      const answered = await new Promise(resolve => {
        socket.once('connect', () => resolve(true))
        socket.once('error', () => resolve(false))
      })
      socket.destroy()
      if (answered) return
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }

  /** At once, without any chance to finish what it does. */
  async function kill(): Promise<void> {
    const dying = process
    process = undefined
    if (!dying) return
    dying.kill('SIGKILL')
    await once(dying, 'exit')
  }

  await start()
  return {
    servers: `127.0.0.1:${port}`,
    start,
    kill,
    async close() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
