/**
 * A whole training run in one number: Pendulum-v1 with its preset for 3,000 steps on the WebAssembly engine, then the
 * SHA-256 of every weight. It has to be the same in every JavaScript engine, on every machine, with any number of threads.
 */
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
  const parts = Object.values(agent.parameters()).map(
    ({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  )
  await agent.dispose()
  const digest = await crypto.subtle.digest('SHA-256', await new Blob(parts as BlobPart[]).arrayBuffer())
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('')
}
