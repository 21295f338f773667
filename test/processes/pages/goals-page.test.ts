import { expect } from 'vitest'
import { testPage } from './page.ts'

testPage('docs/goals.md', {
  // What needs Python is tested in test/interop.
  only: code => !code.includes('gymnasium:'),
  onPrinted: printed => expect(printed).toMatch(/^\[\]\n-?\d+\n/),
})
