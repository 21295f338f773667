import { expect } from 'vitest'
import { testPage } from './page.ts'

testPage('docs/goals.md', { onPrinted: printed => expect(printed).toMatch(/^\[\]\n-?\d+\n/) })
