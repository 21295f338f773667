import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runWithFaults } from '../../bench/faults.ts'

test('when broker, actors, learners and network fail, training goes on, and nothing is lost or counted twice', async () => {
  const faults = { brokers: 2, actors: 3, learners: 2, cuts: 1, cutSeconds: 2 }
  const sac = join(import.meta.dirname, '../../dist/src/cli/main.js')
  const { stored, lost, twice, afterwards, takeovers } = await runWithFaults(faults, sac)
  expect(stored).toBeGreaterThan(1000)
  expect({ lost, twice }).toEqual({ lost: 0, twice: 0 })
  expect(afterwards).toBeGreaterThanOrEqual(1000)
  // Five seconds are what a lease takes to lapse; the rest is for a machine that does much else.
  expect(Math.max(...takeovers)).toBeLessThan(20)
}, 180_000)
