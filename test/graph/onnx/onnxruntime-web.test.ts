import { readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'

vi.mock('#onnxruntime', () => {
  throw new Error("Cannot find package 'onnxruntime-node'")
})

test('without onnxruntime-node, onnxruntime-web takes over in Node, says so, and computes the same', async () => {
  const { loadRuntime } = await import('../../../src/graph/onnx/runtime.ts')
  const { name, notice } = await loadRuntime()
  expect(name).toBe('onnxruntime-web')
  expect(notice).toMatch(/onnxruntime-node is not available .*onnxruntime-web/)
  expect(notice).not.toContain('\n')

  const { replayGolden } = await import('../../../tools/golden.ts')
  const golden = JSON.parse(readFileSync(new URL('../../golden/delayed.json', import.meta.url), 'utf8'))
  const comparisons = await replayGolden(golden, 'onnx')
  expect(comparisons.filter(row => !row.passed)).toEqual([])
})
