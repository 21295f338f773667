/** The examples for Node and for GitHub do what they say. */
import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { makeEnv } from '../../src/envs/registry.ts'
import { loadPolicy, policyToSafetensors } from '../../src/policy/policy-file.ts'
import { SAC } from '../../src/sac/agent.ts'
import { runSac } from './sac-process.ts'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'examples-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the policy server', () => {
  const file = join(folder, 'policy.safetensors')
  let server: ChildProcess
  let address: string

  beforeAll(async () => {
    const agent = await SAC.create(await makeEnv('Pendulum-v1'), { hiddenSizes: [8], engine: 'wasm' })
    writeFileSync(file, policyToSafetensors(agent))
    server = spawn(process.execPath, ['examples/policy-server/server.js', file, '0'], { cwd: root })
    address = await new Promise(resolve => {
      server.stdout!.on('data', text => resolve(/http:\S+/.exec(`${text}`)![0]))
    })
  })
  afterAll(() => server?.kill())

  const act = (body: string) => fetch(`${address}/act`, { method: 'POST', body })

  test('acts as the policy does', async () => {
    const response = await act(JSON.stringify({ observation: [1, 0, 0.5] }))
    const expected = loadPolicy(readFileSync(file)).act([1, 0, 0.5], { deterministic: true })
    expect([response.status, await response.json()]).toEqual([200, { action: [...expected] }])
    expect(await (await fetch(address)).json()).toMatchObject({ observationSpace: { size: 3 } })
  })

  test.each([
    ['{', 400, /JSON/],
    ['{ "observation": [1, 2] }', 400, /3/],
    ['{}', 400, /observation/],
    ['x'.repeat(2_000_000), 413, /too long/],
  ])('answers %.30s with a sentence', async (body, status, sentence) => {
    const response = await act(body)
    expect([response.status, (await response.json()).error]).toEqual([
      status,
      expect.stringMatching(sentence),
    ])
  })

  test('knows no other address', async () => expect((await fetch(`${address}/etc/passwd`)).status).toBe(404))
})

test('the commands of the workflow for GitHub train, resume, draw and export', async () => {
  const { jobs } = parse(readFileSync(join(root, 'examples/github-actions/train.yml'), 'utf8'))
  const lines: string[] = jobs.train.steps.flatMap(({ run = '' }: { run?: string }) => run.trim().split('\n'))
  const commands = lines.flatMap(line => /npx sac (.*?)( \|\|.*)?$/.exec(line)?.[1] ?? [])
  expect(commands).toHaveLength(3)
  copyFileSync(join(root, 'examples/my-env.ts'), join(folder, 'my-env.ts'))
  const short = '300 --learning-starts 100 --hidden-sizes 8 --batch-size 8'
  for (const command of [commands[0], ...commands]) {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own
    const asked = command.replace('${STEPS:-100000}', short)
    expect(await runSac(asked, { cwd: folder }), asked).toMatchObject({ code: 0 })
  }
  expect(readFileSync(join(folder, 'curves.svg'), 'utf8')).toContain('<svg')
  expect(readFileSync(join(folder, 'policy.onnx')).length).toBeGreaterThan(100)
})
