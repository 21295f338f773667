import { describe, expect, test } from 'vitest'
import { drawAction } from '../../src/env/action-space.ts'
import type { Env, StepResult } from '../../src/env/env.ts'
import type { Geom3d, Scene, Scene2d, Scene3d } from '../../src/env/scene.ts'
import { box } from '../../src/env/spaces.ts'
import { rescaleAction, timeLimit } from '../../src/env/wrappers.ts'
import { createMountainCar } from '../../src/envs/mountain-car.ts'
import { loadMujoco } from '../../src/envs/mujoco/bindings.ts'
import { humanoidModel } from '../../src/envs/mujoco/humanoid-model.ts'
import { Simulation } from '../../src/envs/mujoco/simulation.ts'
import { createPendulum } from '../../src/envs/pendulum.ts'
import { environmentIds, makeEnv } from '../../src/envs/registry.ts'
import { createRandom } from '../../src/random.ts'

const ids = environmentIds()

function* actionsFor({ actionSpace }: Env): Generator<Float32Array, never> {
  const random = createRandom(0, 'test')
  for (;;) yield drawAction(actionSpace, random)
}

/** Every number anywhere in a value. */
function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : []
}

/** Every colour anywhere in a value. */
function colorsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('#') ? [value] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(colorsIn) : []
}

describe.each(ids)('%s', id => {
  test('has a scene of finite numbers, also at the end of an episode', async () => {
    const env = await makeEnv(id)
    expect(() => env.scene!()).toThrow(`${id}: call reset() before`)
    await env.reset({ seed: 1 })
    const actions = actionsFor(env)
    for (let step = 0; step < 120; step++) {
      if (step % 20 === 0) {
        const scene = (await env.scene!()) as Scene
        expect(scene.dimensions === 2 ? scene.shapes.length : scene.geoms.length).toBeGreaterThan(2)
        expect(scene.timeStep).toBeGreaterThan(0)
        expect(numbersIn(scene).every(Number.isFinite)).toBe(true)
        for (const color of colorsIn(scene)) expect(color).toMatch(/^#[\da-f]{6}([\da-f]{2})?$/)
      }
      const { terminated } = (await env.step(actions.next().value)) as StepResult
      if (terminated) break
    }
    expect(numbersIn(await env.scene!()).every(Number.isFinite)).toBe(true)
    await env.close?.()
  })

  test('goes on the same, to the last bit, whether it is looked at or not', async () => {
    const watched = await makeEnv(id)
    const alone = await makeEnv(id)
    const actions = actionsFor(watched)
    for (const env of [watched, alone]) await env.reset({ seed: 2 })
    for (let step = 0; step < 100; step++) {
      if (step % 3 === 0) await watched.scene!()
      const action = actions.next().value
      const seen = (await watched.step(action)) as StepResult
      const unseen = (await alone.step(action)) as StepResult
      expect(seen).toEqual(unseen)
      if (!seen.terminated) continue
      for (const env of [watched, alone]) await env.reset()
    }
    expect(await watched.getState!()).toEqual(await alone.getState!())
    await watched.close?.()
    await alone.close?.()
  })

  test('a scene stays as it was, and a restored state gives the same', async () => {
    const env = await makeEnv(id)
    const actions = actionsFor(env)
    await env.reset({ seed: 3 })
    for (let step = 0; step < 8; step++) await env.step(actions.next().value)
    const scene = await env.scene!()
    const copy = structuredClone(scene)
    const state = await env.getState!()
    for (let step = 0; step < 5; step++) await env.step(actions.next().value)
    expect(await env.scene!()).not.toEqual(scene)
    expect(scene).toEqual(copy)

    const other = await makeEnv(id)
    await other.setState!(state)
    const again = await other.scene!()
    // The pendulum's arrow is of the last step's torque, which is no part of its state.
    if (id === 'Pendulum-v1') (copy as Scene2d).shapes = (copy as Scene2d).shapes.slice(0, 4)
    expect(again).toEqual(copy)
    await env.close?.()
    await other.close?.()
  })
})

describe('scenes show where things are', () => {
  const sceneOf = async (env: Env) => (await env.scene!()) as Scene2d

  test('the rod of a pendulum', async () => {
    const env = createPendulum()
    await env.setState!({ angle: Math.PI / 2, velocity: 0, random: createRandom(0, 'environment').state() })
    const rod = (await sceneOf(env)).shapes.find(shape => shape.type === 'line')!
    // Angles count counterclockwise from upright.
    expect(rod.points[0]).toEqual([0, 0])
    expect(rod.points[1][0]).toBeCloseTo(-1, 12)
    expect(rod.points[1][1]).toBeCloseTo(0, 12)
  })

  test('the wheels of a car, on the track', async () => {
    const env = createMountainCar()
    // In the valley the track is level.
    await env.setState!({
      position: -Math.PI / 6,
      velocity: 0,
      random: createRandom(0, 'environment').state(),
    })
    const wheels = (await sceneOf(env)).shapes.filter(shape => shape.type === 'circle' && shape.radius > 0.02)
    expect(wheels.map(wheel => wheel.type === 'circle' && wheel.center)).toEqual([
      [expect.closeTo(-Math.PI / 6 - 0.042, 5), expect.closeTo(0.1 + 0.022, 5)],
      [expect.closeTo(-Math.PI / 6 + 0.042, 5), expect.closeTo(0.1 + 0.022, 5)],
    ])
  })

  test('the hull of a walker: the view goes with it', async () => {
    const env = await makeEnv('BipedalWalker-v3')
    await env.reset({ seed: 0 })
    const { view, shapes } = await sceneOf(env)
    const hull = shapes.filter(shape => shape.type === 'polygon' && shape.points.length === 5).at(-1)!
    const xs = hull.type === 'polygon' ? hull.points.map(([x]) => x) : []
    expect(Math.min(...xs)).toBeGreaterThan(view.left + 2)
    expect(Math.max(...xs)).toBeLessThan(view.right - 2)
  })

  test('geoms of MuJoCo, at the present positions of its bodies', async () => {
    const simulation = new Simulation(await loadMujoco(), humanoidModel, 5)
    simulation.forward()
    simulation.advance(new Float32Array(17).fill(0.3))
    const before = simulation.posture()
    // After a step `xpos` lags behind; `mj_forward` brings it up to the positions that were drawn.
    const lagging = Array.from(simulation.xpos)
    simulation.forward()
    const present = Array.from(simulation.xpos)
    expect(lagging).not.toEqual(present)
    const head = simulation.body('torso')
    expect(before.body(head)).toEqual(present.slice(3 * head, 3 * head + 3))
    // The foot is a sphere 0.1 m above the frame of its body; its shin turns it.
    const shin = before.geoms.find(({ name }) => name === 'left_shin_1')!
    const foot = before.geoms.find(({ name }) => name === 'left_foot_1')!
    expect(foot).toMatchObject({ type: 'sphere', size: [0.075], color: '#b5493b' })
    const [x, y, z] = before.body(simulation.body('left_foot'))
    const along = [2, 5, 8].map(i => shin.rotation[i])
    // The capsule of the shin is given from its knee downwards, so its axis may point either way.
    const sign = Math.sign((foot.position[2] - z) * along[2])
    expect(foot.position).toEqual([x, y, z].map((at, i) => expect.closeTo(at + sign * 0.1 * along[i], 9)))
    simulation.dispose()
  })

  test('colours, sizes and the camera of the model', async () => {
    const env = await makeEnv('Reacher-v5')
    await env.reset({ options: { qpos: [0, 0, 0.05, -0.15] } })
    const { geoms, camera } = (await env.scene!()) as Scene3d
    const named = (name: string) => geoms.find(geom => geom.name === name) as Geom3d
    expect(named('target_1').position).toEqual([expect.closeTo(0.05), expect.closeTo(-0.15), 0.01])
    expect(named('fingertip_1').position).toEqual([expect.closeTo(0.21), expect.closeTo(0), 0.01])
    expect(named('upper_arm_1')).toMatchObject({ type: 'capsule', size: [0.01, 0.05], color: '#3f6ea8' })
    expect(named('floor')).toMatchObject({ type: 'plane', size: [0, 0], checker: { tile: 0.1 } })
    expect(camera.position[2]).toBeGreaterThan(0.5)
    await env.close?.()
  })

  test('the camera goes along with what moves', async () => {
    const env = await makeEnv('HalfCheetah-v5')
    const cameraAt = async (x: number) => {
      await env.reset({ options: { qpos: [x, ...Array(8).fill(0)] } })
      return ((await env.scene!()) as Scene3d).camera
    }
    const start = await cameraAt(0)
    const there = await cameraAt(50)
    for (const point of ['position', 'target'] as const) {
      const [x, y, z] = start[point]
      expect(there[point]).toEqual([x + 50, y, z])
    }
    await env.close?.()
  })
})

describe('wrappers', () => {
  test('pass scenes on, and only where there are some', async () => {
    const pendulum = createPendulum()
    await pendulum.reset({ seed: 0 })
    const wrapped = rescaleAction(timeLimit(pendulum, 10))
    expect(await wrapped.scene!()).toEqual(await pendulum.scene!())
    const blind: Env = {
      observationSpace: box({ low: 0, high: 1 }),
      actionSpace: box({ low: 0, high: 1 }),
      reset: () => ({ observation: [0] }),
      step: () => ({ observation: [0], reward: 0, terminated: false, truncated: false }),
    }
    expect(timeLimit(blind, 10).scene).toBeUndefined()
  })
})
