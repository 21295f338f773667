import { expect, test } from 'vitest'
import { readPage, testSnippets } from './page.ts'

testSnippets('docs/distributed.md', {
  // The other one needs a broker: test/broker runs it.
  only: code => !code.includes('@nats-io'),
  onPrinted: printed => expect(printed).toMatch(/^\d+ -\d/m),
})

test('docs/distributed.md is linked from the README', () =>
  expect(readPage('README.md').text).toContain('(docs/distributed.md)'))
