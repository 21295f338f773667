import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { policyModuleTypes, policyToModule } from '../../src/policy/module.ts'
import { agentPolicy, distance, examples, normalizingPolicy, policies, referenceAction } from './policies.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'policy-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What a program beside the module prints, in a folder with nothing else. */
function runBeside(module: string, program: string): string {
  writeFileSync(join(folder, 'policy.mjs'), module)
  writeFileSync(join(folder, 'program.mjs'), program)
  return execFileSync(process.execPath, ['program.mjs'], { cwd: folder, encoding: 'utf8' })
}

describe('a policy as one module', () => {
  test.each(policies)('acts the same in a folder of its own: %s', async (_, make) => {
    const policy = await make()
    const batch = examples(20).map(({ observation, noise }) => [[...observation], [...noise]])
    const printed = runBeside(
      policyToModule(policy),
      `import { act } from './policy.mjs'
      const rows = ${JSON.stringify(batch)}
      console.log(JSON.stringify(rows.map(([o, noise]) => [[...act(o)], [...act(new Float32Array(o), noise)]])))`,
    )
    for (const [i, [action, sampled]] of JSON.parse(printed).entries()) {
      const [observation, noise] = batch[i]
      expect(distance(action, referenceAction(policy, observation))).toBeLessThan(1e-5)
      expect(distance(sampled, referenceAction(policy, observation, noise))).toBeLessThan(1e-5)
    }
  })

  test('says what it was made for, and what is wrong with an observation', async () => {
    const printed = runBeside(
      policyToModule(await agentPolicy('relu')),
      `import { act, policy } from './policy.mjs'
      const said = run => { try { run() } catch (error) { return error.name + ': ' + error.message } }
      console.log(JSON.stringify([policy, said(() => act([1, 2])), said(() => act([1, 2, NaN, 4, 5])), said(() => act()),
        said(() => act([1, 2, 3, 4, 1e39])), said(() => act([1, 2, 3, 4, 5], [0]))]))`,
    )
    expect(JSON.parse(printed)).toEqual([
      {
        environment: 'Example-v0',
        observationSize: 5,
        actionSize: 3,
        actionLow: [-2, 0, -1],
        actionHigh: [2, 10, 1],
        version: expect.any(String),
      },
      'RangeError: the observation has 2 elements, not 5',
      'RangeError: observation[2] is NaN, not finite',
      'RangeError: the observation has no elements, not 5',
      'RangeError: observation[4] is 1e+39, not finite',
      'RangeError: the noise has 1 elements, not 3',
    ])
  })

  test('has less than 5 kB of code and imports nothing', async () => {
    for (const make of [agentPolicy, normalizingPolicy]) {
      const text = policyToModule(await make('tanh'))
      const code = text.replace(/'[\w+/]{100,}=*'/, "''")
      expect(code.length).toBeLessThan(text.length - 1000)
      expect(new TextEncoder().encode(code).length).toBeLessThan(5000)
      expect(code).not.toMatch(/\bimport\b|\brequire\(/)
    }
  })

  test('has declarations that fit it', async () => {
    writeFileSync(join(folder, 'policy.mjs'), policyToModule(await normalizingPolicy('tanh')))
    writeFileSync(join(folder, 'policy.d.mts'), policyModuleTypes)
    const program = join(folder, 'program.mts')
    const use = "import { act, policy } from './policy.mjs'"
    const right = 'export const [x]: number[] = [...act([1, 2], new Float32Array(policy.actionSize))]'
    writeFileSync(program, [use, right, '// @ts-expect-error', "act('left')"].join('\n'))
    const options = {
      strict: true,
      noEmit: true,
      module: ts.ModuleKind.NodeNext,
      lib: ['lib.es2022.d.ts'],
      types: [],
    }
    const found = ts.getPreEmitDiagnostics(ts.createProgram([program], { ...options, skipLibCheck: true }))
    expect(found.map(({ messageText }) => messageText)).toEqual([])
  })
})
