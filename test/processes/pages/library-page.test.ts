import { describe, expect, test } from 'vitest'
import { readPage, testSnippets } from './page.ts'

const outcomes: Record<string, (printed: string) => void> = {
  'mean return': printed => expect(Number(printed)).toBeGreaterThan(-400),
  'from step': printed => expect(printed).toMatch(/^200 \{ actorLearningRate: 0.0001, temperature: 0.05 \}$/),
  'reached from': printed => expect(Number(printed)).toBeGreaterThan(0.5),
  'saved after': printed => expect(printed).toBe('600'),
  'curve of': printed => expect(printed).toMatch(/^2 runs\nevaluated to -\d+\.\d+\nfilmed in \d{4,} bytes$/),
  'mean over seeds': printed => expect(printed).toMatch(/^-\d+\.\d+\nrecorded 200$/),
  steps: printed => expect(printed).toBe('350'),
}

testSnippets('docs/library.md', {
  onPrinted(printed) {
    const name = Object.keys(outcomes).find(name => printed.startsWith(`${name} `))
    expect(name, printed).toBeDefined()
    outcomes[name!](printed.slice(name!.length + 1).trim())
  },
})

describe('docs/library.md', () => {
  test('is linked from the README', () => expect(readPage('README.md').text).toContain('(docs/library.md)'))
})
