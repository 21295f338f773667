import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Env, ResetResult, StepResult } from '../../../src/env/env.ts'
import type { Scene3d } from '../../../src/env/scene.ts'
import { environments } from '../../../src/envs/environments.ts'
import { environmentIds, makeEnv } from '../../../src/envs/registry.ts'
import { resolvePaths } from '../../../src/run/environment-path.ts'
import { environmentOf } from '../../../src/run/environments/environment.ts'
import { readModelFile } from '../../../src/run/environments/read-model-file.ts'
import { LONG_SWIMMER, MOTORS } from './own-models.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'model-'))
  mkdirSync(join(folder, 'parts'))
  writeFileSync(join(folder, 'swimmer.xml'), LONG_SWIMMER)
  writeFileSync(join(folder, 'parts/motors.xml'), MOTORS)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const make = (environment: string, xmlFile: string) =>
  environmentOf(resolvePaths({ environment, environmentOptions: { xmlFile } }, folder))

test('sizes follow the model, files that it names are found, and it is stepped, saved and drawn', async () => {
  const env: Env = await make('Swimmer-v5', 'swimmer.xml')
  expect([env.observationSpace.size, env.actionSpace.size]).toEqual([10, 3])
  env.reset({ seed: 1 })
  const state = env.getState!()
  const step = () => env.step(Float32Array.of(1, -1, 0.5)) as StepResult
  const first = step()
  env.setState!(state)
  expect(step()).toEqual(first)
  const { geoms } = (await env.scene!()) as Scene3d
  // All but the ellipsoid, which scenes do not have.
  expect(geoms.map(({ name, type }) => [name, type])).toEqual([0, 2, 3, 4].map(i => [`geom ${i}`, 'capsule']))
  await env.close?.()
})

test('the same model as text and bytes, for programs', async () => {
  const xmlFile = { xml: LONG_SWIMMER, files: { 'parts/motors.xml': new TextEncoder().encode(MOTORS) } }
  const [own, read] = [await makeEnv('Swimmer-v5', { xmlFile }), await make('Swimmer-v5', './swimmer.xml')]
  const start = (env: Env) => (env.reset({ seed: 3 }) as ResetResult).observation
  expect(start(own)).toEqual(start(read))
  for (const env of [own, read]) await env.close?.()
})

test('every MuJoCo task takes the option', () => {
  const taking = environments().filter(({ options }) => options && 'xmlFile' in options)
  expect(taking).toHaveLength(10)
  expect(environmentIds().filter(id => /-v5$/.test(id))).toEqual(taking.map(({ id }) => id))
})

describe('a model that cannot be used is one sentence', () => {
  const own = (xml: string) => ({ xmlFile: { name: 'own.xml', xml } })
  const body = (inner: string, rest = '') =>
    `<mujoco><worldbody><body name="torso">${inner}<geom size="1"/></body></worldbody>${rest}</mujoco>`
  const motor = '<actuator><motor joint="j" ctrlrange="-1 1"/></actuator>'
  test.each([
    ['Swimmer-v5', { xmlFile: 'swimmer.xml' }, /xmlFile is "swimmer.xml": it must be \{ xml, files \}/],
    ['Swimmer-v5', { xmlFile: null }, /xmlFile is null/],
    ['Swimmer-v5', own('<mujoco'), /^the model own\.xml cannot be used: .*XML/],
    ['Swimmer-v5', own(body('<joint type="round"/>')), /own\.xml cannot be used: .*'round'.*line 1/],
    ['Swimmer-v5', own('<mujoco><include file="none.xml"/></mujoco>'), /cannot be used: .*none\.xml/],
    ['Swimmer-v5', own(body('<joint/>')), /does not fit Swimmer-v5: it has no actuators/],
    [
      'Swimmer-v5',
      own(body('<joint name="j"/>', '<actuator><motor joint="j"/></actuator>')),
      /actuator 0 has no ctrlrange/,
    ],
    ['Reacher-v5', own(body('<joint name="j"/>', motor)), /does not fit Reacher-v5: .*no body 'fingertip'/],
    [
      'Hopper-v5',
      own(body('<joint name="j"/>', motor)),
      /does not fit Hopper-v5: it has fewer than 3 positions/,
    ],
    [
      'InvertedDoublePendulum-v5',
      own(body('<joint name="j"/>', motor)),
      /it lacks positions, bodies or sites/,
    ],
  ])('%s %o', async (id, options, message) => {
    await expect(makeEnv(id, options)).rejects.toThrow(message)
  })

  test('a file that is not there, for the command line', () => {
    rmSync(join(folder, 'parts/none.xml'), { force: true })
    writeFileSync(join(folder, 'lacking.xml'), '<mujoco><include file="parts/none.xml"/></mujoco>')
    expect(() => readModelFile(join(folder, 'lacking.xml'))).toThrow(
      /lacking\.xml cannot be read: .*none\.xml/,
    )
  })
})
