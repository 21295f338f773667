import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const read = (name: string) => readFileSync(join(import.meta.dirname, '..', name), 'utf8')

/**
 * It would download CUDA libraries from elsewhere, and fail the installation where it cannot. npm before 11.16 runs scripts
 * of those packages alone of which the lock file says that they have one; later ones read allowScripts as well.
 */
test("installing does not run onnxruntime-node's script", () => {
  const { hasInstallScript } = JSON.parse(read('package-lock.json')).packages['node_modules/onnxruntime-node']
  expect(hasInstallScript, 'remove this line from package-lock.json again').toBeUndefined()
  expect(JSON.parse(read('package.json')).allowScripts['onnxruntime-node']).toBe(false)
})

test('npm knows every setting of .npmrc, so that it does not warn with each command', () => {
  const names = read('.npmrc')
    .trim()
    .split('\n')
    .map(line => line.split('=')[0])
  expect(names).toEqual(['omit-lockfile-registry-resolved'])
})

test('the lock file names no place to download from', () => {
  expect(read('package-lock.json')).not.toContain('"resolved": "http')
})
