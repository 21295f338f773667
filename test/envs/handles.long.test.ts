import { describe, expect, test } from 'vitest'
import type { Env } from '../../src/env/env.ts'
import { timeLimit } from '../../src/env/wrappers.ts'
import { environmentIds, makeEnv } from '../../src/envs/registry.ts'

const STEPS = 4

/** Where the handles are along x, all together, after some steps without action, and the last observation. */
async function coast(env: Env, push?: (env: Env) => void) {
  let observation: ArrayLike<number> = []
  for (let step = 0; step < STEPS; step++) {
    push?.(env)
    ;({ observation } = await env.step(new Float32Array(env.actionSpace.size)))
  }
  const x = env.handles!().reduce((sum, { position }) => sum + position[0], 0)
  return { x, observation: Array.from(observation) }
}

const push = (x: number) => (env: Env) => {
  for (const { position, push } of env.handles!()) {
    push(Float64Array.from(position, (_, axis) => (axis === 0 ? x : 0)))
  }
}

/** Those of discrete actions have none. */
const ids: string[] = []
for (const id of environmentIds()) {
  const { actionSpace } = await makeEnv(id)
  if (actionSpace.kind === 'box') ids.push(id)
}

describe.each(ids)('%s', id => {
  test('moves where it is pushed', async () => {
    const env = await makeEnv(id)
    expect(() => env.handles!()).toThrow(`${id}: call reset() before`)
    await env.reset({ seed: 3 })
    const names = env.handles!().map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    const [left, right] = [-20, 20].map(async x => {
      const env = await makeEnv(id)
      await env.reset({ seed: 3 })
      return coast(env, push(x))
    })
    expect((await right).x).toBeGreaterThan((await left).x)
  })

  test('what is not pushed moves as if there were no handles, and a push is over after its step', async () => {
    const [one, other] = [await makeEnv(id), await makeEnv(id)]
    for (const env of [one, other]) await env.reset({ seed: 5 })
    const plain = await coast(one)
    expect((await coast(other, env => env.handles!())).observation).toEqual(plain.observation)
    push(20)(one)
    await one.step(new Float32Array(one.actionSpace.size))
    await other.setState!(JSON.parse(JSON.stringify(await one.getState!())))
    expect((await coast(other)).observation).toEqual((await coast(one)).observation)
  })

  test('a state that was reached with pushes is restored', async () => {
    const [one, other] = [await makeEnv(id), await makeEnv(id)]
    for (const env of [one, other]) await env.reset({ seed: 7 })
    await coast(one, push(10))
    await other.setState!(JSON.parse(JSON.stringify(await one.getState!())))
    expect((await coast(other)).observation).toEqual((await coast(one)).observation)
  })

  test('refuses a push that is no vector of finite numbers', async () => {
    const env = timeLimit(await makeEnv(id), 10)
    await env.reset({ seed: 1 })
    const [{ position, push }] = env.handles!()
    expect(() => push([Number.NaN, 0, 0].slice(0, position.length))).toThrow('acceleration')
    expect(() => push([1])).toThrow('acceleration')
  })
})
