import { join } from 'node:path'
import { expect } from 'vitest'
import { testPage } from '../processes/pages/page.ts'

// What does not need Python is tested one folder up.
testPage('docs/environments.md', {
  only: code => code.includes('gymnasium:') || code.includes('makeGymnasiumEnvs'),
  env: { SAC_PYTHON: join(import.meta.dirname, '../../.venv/bin/python') },
  onPrinted: printed => expect(JSON.parse(printed)).toHaveLength(4),
})
