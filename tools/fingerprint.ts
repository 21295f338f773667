/**
 * A whole training run in one number: Pendulum-v1 with its preset for 3,000 steps on the WebAssembly engine, then the
 * SHA-256 of every weight. It has to be the same in every JavaScript engine, on every machine, with any number of threads.
 */
import { digestOf } from '../src/encoding/digest.ts'
import { makeEnv } from '../src/envs/registry.ts'
import { SAC } from '../src/sac/agent.ts'
import type { SacOptionsInput } from '../src/sac/options.ts'
import { presetFor } from '../src/training/presets.ts'
import { train } from '../src/training/train.ts'

const STEPS = 3000

/** Trains, and gives the SHA-256 of all parameters, in hexadecimal. Runs in Node and in browsers. */
export async function fingerprint(changes: SacOptionsInput = {}, steps = STEPS): Promise<string> {
  const env = await makeEnv('Pendulum-v1')
  const agent = await SAC.create(env, { ...presetFor('Pendulum-v1').options, engine: 'wasm', ...changes })
  for await (const _ of train(agent, env, { steps }));
  const fingerprint = await digestOf(agent.parameters())
  await agent.dispose()
  return fingerprint
}
