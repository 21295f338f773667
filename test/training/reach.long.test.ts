/** What a game and a service need: train, stop at once when asked, save, and resume to the same bits. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import {
  type LoadAgentOptions,
  loadAgent,
  makeEnv,
  SAC,
  type SacOptionsInput,
  saveAgent,
  type TrainingState,
  train,
  trainAgent,
  trainingStateIn,
} from '../../src/index.ts'

const options: SacOptionsInput = { hiddenSizes: [16, 16], batchSize: 16, learningStarts: 60, seed: 4 }
const engine: LoadAgentOptions = { engine: 'wasm', threads: 1 }
/** From the question to the stop, in ms. */
const AT_ONCE = 50

/** A game of its own: a ball on a track is to be held in the middle. Knows nothing of environments. */
function createGame(saved = { position: 0.9, velocity: 0, frame: 0 }) {
  let { position, velocity, frame } = saved
  return {
    look: () => [position, velocity],
    tick(push: number) {
      velocity = 0.9 * velocity + 0.1 * push
      position = Math.max(-1, Math.min(1, position + 0.1 * velocity))
      frame++
      const over = frame % 40 === 0
      if (over) [position, velocity] = [0.9 * (frame % 80 === 0 ? 1 : -1), 0]
      return { reward: -Math.abs(position), over }
    },
    save: () => ({ position, velocity, frame }),
  }
}
const spaces = {
  observationSpace: {
    kind: 'box',
    shape: [2],
    size: 2,
    low: new Float32Array([-1, -1]),
    high: new Float32Array([1, 1]),
  },
  actionSpace: { kind: 'box', shape: [1], size: 1, low: new Float32Array([-1]), high: new Float32Array([1]) },
} as const

/** The loop of a game: a frame, and the updates that are due, until it is stopped or has shown so many frames. */
async function play(agent: SAC, game: ReturnType<typeof createGame>, frames: number, stopped = () => false) {
  for (let i = 0; i < frames && !stopped(); i++) {
    const observation = game.look()
    const action = agent.explore(observation)
    const { reward, over } = game.tick(action[0])
    const transition = {
      observation,
      action,
      reward,
      nextObservation: game.look(),
      terminated: false,
      truncated: over,
    }
    let due = agent.observe(transition)
    while (due-- > 0) await agent.update()
    // A frame is drawn.
    if (i % 10 === 0) await sleep(0)
  }
}

test('a game that trains by hand stops at once, saves, and resumes to the same bits', async () => {
  const agent = await SAC.create(spaces, { ...options, ...engine })
  const game = createGame()
  let shortest = Infinity
  for (let stops = 0; stops < 3; stops++) {
    let asked = 0
    setTimeout(() => (asked = performance.now()), 60)
    await play(agent, game, 1e9, () => asked > 0)
    shortest = Math.min(shortest, performance.now() - asked)
  }
  expect(shortest).toBeLessThan(AT_ONCE)
  const saved = { bytes: saveAgent(agent), game: JSON.stringify(game.save()) }
  const { steps } = agent
  expect(agent.updates).toBe(steps - 60)
  await agent.dispose()

  const resumed = await loadAgent(saved.bytes, engine)
  await play(resumed, createGame(JSON.parse(saved.game)), 150)

  const whole = await SAC.create(spaces, { ...options, ...engine })
  await play(whole, createGame(), steps + 150)
  expect(resumed.state()).toEqual(whole.state())
})

/** A service that trains in the background: /status while it learns, /stop ends it and answers with the agent's file. */
async function startService(saved?: Uint8Array) {
  const stop = new AbortController()
  const env = await makeEnv('Pendulum-v1')
  let steps = 0
  let asked = 0
  let stopping = Infinity
  const learn = async (): Promise<Uint8Array> => {
    if (!saved) {
      const onEvent = ({ step }: { step: number }) => {
        steps = step
      }
      const { agent, training } = await trainAgent(env, {
        ...options,
        ...engine,
        steps: 1e6,
        signal: stop.signal,
        onEvent,
      })
      stopping = performance.now() - asked
      return saveAgent(agent, { training })
    }
    const agent = await loadAgent(saved, engine)
    let training: TrainingState | undefined
    const loop = { steps: 200, signal: stop.signal, state: trainingStateIn(saved) }
    for await (const event of train(agent, env, loop)) if (event.type === 'done') training = event.state
    return saveAgent(agent, { training })
  }
  const learning = learn()
  const server = createServer(async ({ url }, response) => {
    if (url === '/status') return response.end(JSON.stringify({ steps }))
    if (url === '/stop') {
      asked = performance.now()
      stop.abort()
    }
    response.end(await learning)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const ask = async (path: string) => new Uint8Array(await (await fetch(address + path)).arrayBuffer())
  return { ask, stopping: () => stopping, close: () => server.close() }
}

// Others use the machine as well.
test('a service answers while it trains, stops at once, and another one resumes to the same bits', {
  retry: 2,
}, async () => {
  const first = await startService()
  let steps = 0
  while (steps < 150) ({ steps } = JSON.parse(new TextDecoder().decode(await first.ask('/status'))))
  const saved = await first.ask('/stop')
  first.close()
  expect(first.stopping()).toBeLessThan(AT_ONCE)
  const agent = await loadAgent(saved, engine)
  expect(agent.steps).toBeGreaterThanOrEqual(150)

  const second = await startService(saved)
  const resumed = await loadAgent(await second.ask('/result'), engine)
  second.close()

  const whole = await trainAgent('Pendulum-v1', { ...options, ...engine, steps: agent.steps + 200 })
  expect(resumed.state()).toEqual(whole.agent.state())
})
