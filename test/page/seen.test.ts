import { expect, test } from 'vitest'
import { seenBy } from '../../page/playground/training/seen.ts'
import { makeEnv, SAC } from '../../src/index.ts'
import { untilCount, useSite } from './site.ts'

const site = useSite()

test.each([1, 2])('states that were seen say how long ago, with %i environments side by side', async envs => {
  const env = await makeEnv('Pendulum-v1')
  const agent = await SAC.create(env, { hiddenSizes: [8], engine: 'wasm', envs, learningStarts: 1000 })
  expect(seenBy(agent, 5)).toEqual([])
  const STEPS = 50
  for (let step = 0; step < STEPS; step++) {
    for (let lane = 0; lane < envs; lane++) {
      const at = Float32Array.of(1, 0, step / STEPS)
      const transition = {
        observation: at,
        action: [0],
        reward: step,
        nextObservation: at,
        terminated: false,
      }
      agent.observe(transition, lane)
    }
  }
  const before = JSON.stringify(agent.state().random)
  const seen = seenBy(agent, 200)
  for (const { reward, age, observation } of seen) {
    expect(age).toBe(STEPS - 1 - reward)
    expect(observation[2]).toBeCloseTo(reward / STEPS)
  }
  expect(new Set(seen.map(({ age }) => age)).size).toBeGreaterThan(40)
  // Looking changes nothing in the agent.
  expect(JSON.stringify(agent.state().random)).toBe(before)
  await agent.dispose()
})

test('the map shows what was seen, by reward or by age', async () => {
  const page = await site.open()
  await page.getByRole('button', { name: 'Train' }).click()
  await untilCount(page, 'steps', 800)
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.waitForTimeout(1200)
  const pixels = () =>
    page.getByRole('application', { name: /Map of two observations/ }).evaluate(canvas => {
      return (canvas as HTMLCanvasElement).toDataURL()
    })
  const pictures = [await pixels()]
  for (const colour of ['reward', 'age', 'none']) {
    await page.getByLabel('What it has seen').selectOption(colour)
    await page.waitForTimeout(100)
    pictures.push(await pixels())
  }
  const [plain, byReward, byAge, plainAgain] = pictures
  expect(new Set([plain, byReward, byAge]).size).toBe(3)
  expect(plainAgain).toBe(plain)
  expect(page.errors).toEqual([])
  await page.context().close()
})
