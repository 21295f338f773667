/** Pages for those who begin: what they show works, and what is made from the schema says what the schema says. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Diagnosis } from '../../../src/doctor/diagnose.ts'
import { parseSacOptions } from '../../../src/sac/parse-options.ts'
import { hyperparametersPage, withoutAdvice } from '../../../tools/hyperparameters-page.ts'
import { optionTypes } from '../../../tools/option-types.ts'
import { readPage, testCommands, testSnippets } from './page.ts'

const root = join(import.meta.dirname, '../../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

testSnippets('docs/getting-started.md', {
  onPrinted(printed) {
    const [first, last] = printed.trim().split('\n').slice(-2)
    if (printed.includes('torque')) {
      expect(Number(/mean return (.*)/.exec(first)![1])).toBeGreaterThan(-400)
      expect(last).toMatch(/^torque Float32Array\(1\)/)
    } else {
      expect(first).toBe('[]')
      expect(Number(/mean return (.*)/.exec(last)![1])).toBeGreaterThan(-25)
    }
  },
})
testCommands('docs/getting-started.md', {})

testSnippets('docs/browser.md', {
  only: code => !code.startsWith('// vite'),
  onPrinted: printed => expect(printed.trim()).toBe('updates 500'),
})

describe('what is made from the schema of options', () => {
  test('is as `npm run options` writes it', () => {
    expect(read('src/sac/option-types.ts')).toBe(optionTypes())
    expect(read('docs/hyperparameters.md')).toBe(hyperparametersPage())
  })

  test('has advice for every option', () => expect(withoutAdvice()).toEqual([]))
})

describe('docs/troubleshooting.md', () => {
  const { text } = readPage('docs/troubleshooting.md')

  test('names everything that the doctor finds', () => {
    const kinds: Record<Diagnosis['kind'], true> = {
      saturatedActions: true,
      temperatureCollapsing: true,
      temperatureExploding: true,
      impossibleQ: true,
      constantRewards: true,
      unequalObservations: true,
      largeObservations: true,
      constantObservations: true,
      episodesWithoutEnd: true,
      terminationsLikeTimeLimits: true,
      updateRatio: true,
    }
    expect(Object.keys(kinds).filter(kind => !text.includes(`\`${kind}\``))).toEqual([])
  })

  test('quotes messages as they are', () => {
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith('.ts'))
      .map(file => read(join('src', file)))
      .join('\n')
    const [, table] = text.split('| message | what to do |')
    const messages = [...table.matchAll(/^\| `([^`]+)`/gm)].map(
      ([, message]) => message.split(/ learning_rate| npm/)[0],
    )
    expect(messages).toHaveLength(4)
    expect(messages.filter(message => !sources.includes(message))).toEqual([])
  })
})

test('names for those who come from Python are options', () => {
  const { text } = readPage('docs/coming-from-python.md')
  const table = text.split('## What it is called')[1].split('## What differs')[0]
  const named = [...table.matchAll(/\| [^|]*\| [^|]*\| ([^|]*) \|$/gm)].flatMap(([, cell]) =>
    [...cell.matchAll(/`([a-z][A-Za-z]+)/g)].map(([, name]) => name),
  )
  const known = Object.keys({
    ...parseSacOptions({ algorithm: 'tqc' }),
    ...parseSacOptions({ algorithm: 'td3' }),
  })
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter(name => !known.includes(name))).toEqual([])
})
