import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ALGORITHMS } from '../../src/sac/options.ts'
import { runSac } from './sac-process.ts'

const SHORT =
  '--steps 220 --learning-starts 200 --updates-per-step 1 --hidden-sizes 6 --critic-hidden-sizes 6 --batch-size 8'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'family-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(ALGORITHMS)('%s: every command takes its runs', async algorithm => {
  const sac = (args: string) => runSac(args, { cwd: folder })
  const trained = await sac(
    `train Pendulum-v1 --algorithm ${algorithm} ${SHORT} --evaluation-episodes 2 --out ${algorithm}`,
  )
  expect(trained).toMatchObject({ code: 0, stderr: '' })
  // The same episodes by the policy that is read back from the run.
  const evaluated = await sac(`eval ${algorithm} --episodes 2 --seed 0`)
  expect(evaluated.code).toBe(0)
  const [, inTraining] = /Evaluation: mean return (-[\d.]+)/.exec(trained.stdout)!
  expect(evaluated.stdout).toContain(`mean return ${inTraining}`)
  const others = [
    `record ${algorithm} --max-steps 3 --width 32 --height 32 --out ${algorithm}.png`,
    `export ${algorithm} --format js --out ${algorithm}.js`,
    `resume ${algorithm} --steps 230`,
  ]
  for (const command of others) expect(await sac(command), command).toMatchObject({ code: 0, stderr: '' })
  expect(readFileSync(join(folder, `${algorithm}.js`), 'utf8')).toContain('export')
})
