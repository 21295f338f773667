import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import { sacCommand } from '../../src/cli/output/commands.ts'
import { describeError } from '../../src/cli/output/errors.ts'
import { reportEpisodes } from '../../src/cli/output/evaluation-progress.ts'
import { formatTable } from '../../src/cli/output/table.ts'
import { OptionError } from '../../src/options.ts'
import { parseSettings } from '../../src/run/settings.ts'
import { EnvironmentError } from '../../src/training/guarded-env.ts'

describe('tables', () => {
  const runs = ['runs/a-long-name-of-a-run/seed-1', 'runs/a-long-name-of-a-run/seed-2']
  const widest = (text: string) => Math.max(...text.split('\n').map(line => line.length))

  test('are no wider than the terminal, and rows stay apart', () => {
    const table = formatTable(
      ['run', 'status'],
      runs.map(run => [run, 'done']),
      30,
    )
    expect(widest(table)).toBeLessThanOrEqual(30)
    expect(table).toMatch(/…\S*seed-1 +done\n.*…\S*seed-2 +done$/)
  })

  test('show everything where there is room, or no terminal', () => {
    expect(
      formatTable(
        ['run'],
        runs.map(run => [run]),
        80,
      ),
    ).toContain(runs[0])
    expect(
      formatTable(
        ['run'],
        runs.map(run => [run.repeat(20)]),
        Infinity,
      ),
    ).toContain(runs[0].repeat(20))
  })
})

test.each([
  ['runs/a', 'sac resume runs/a'],
  ['my runs/a', "sac resume 'my runs/a'"],
  ["it's", "sac resume 'it'\\''s'"],
  ['$HOME;ls', "sac resume '$HOME;ls'"],
])('a command on the run %s can be pasted', (directory, command) => {
  expect(sacCommand('resume', directory)).toBe(command)
})

test('under npm, which has sac on no path, commands begin with npx', async () => {
  vi.stubEnv('npm_command', 'run-script')
  vi.resetModules()
  const { sacCommand } = await import('../../src/cli/output/commands.ts')
  expect(sacCommand('eval', 'a')).toBe('npx sac eval a')
  vi.unstubAllEnvs()
})

test('a long evaluation says how far it is, a short one nothing', () => {
  const said: string[] = []
  const now = vi.spyOn(performance, 'now').mockReturnValue(0)
  const report = reportEpisodes(3, text => said.push(text))
  report({ return: 1 })
  now.mockReturnValue(2500)
  report({ return: 2 })
  now.mockReturnValue(9000)
  report({ return: 9 })
  expect(said).toEqual(['2 of 3 episodes, mean return 1.5 so far'])
  now.mockRestore()
})

describe('an error in an environment', () => {
  test('names the place in its file', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'place-')), 'my-env.mjs')
    writeFileSync(file, 'export const step = () => {\n  undefined.position\n}\n')
    const { step } = await import(/* @vite-ignore */ pathToFileURL(file).href)
    let cause: unknown
    try {
      step()
    } catch (error) {
      cause = error
    }
    expect(describeError(new EnvironmentError('It failed in step.', { cause }))).toMatch(
      /^It failed in step\. It was thrown at .*my-env\.mjs:2:13$/,
    )
  })

  test('names no place in this package', () => {
    const cause = new Error('not a number')
    cause.stack = `Error: not a number\n    at check (${join(import.meta.dirname, '../../src/env/require.ts')}:3:9)`
    expect(describeError(new EnvironmentError('It failed.', { cause }))).toBe('It failed.')
  })
})

test.each([1e300, 1e16])(
  'a number of steps as large as %d is refused with the largest that is allowed',
  steps => {
    expect(() => parseSettings({ environment: 'Pendulum-v1', steps })).toThrow(OptionError)
    expect(() => parseSettings({ environment: 'Pendulum-v1', steps })).toThrow(
      'it must be a whole number of at least 1, at most 9007199254740991.',
    )
    expect(() => parseSettings({ environment: 'Pendulum-v1', steps: 0 })).toThrow(/at least 1\.$/)
  },
)
