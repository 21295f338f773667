import { makeEnv, presetOptions, SAC, train } from 'soft-actor-critic'

const env = await makeEnv('Pendulum-v1')
const agent = await SAC.create(env, presetOptions(env, { seed: 1 }))
let shown = 0

for await (const event of train(agent, env, { steps: 10_000 })) {
  if (event.type === 'episode') postMessage({ step: event.step, return: event.return })
  // As often as a screen draws.
  if (event.type === 'step' && performance.now() - shown > 16) {
    shown = performance.now()
    postMessage({ scene: await env.scene() })
  }
}
