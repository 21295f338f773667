/** The policies that a run has saved, for the page to act with. */
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { decodeSafetensors } from '../../encoding/safetensors.ts'
import { policyToSafetensors, readPolicy } from '../../policy/policy-file.ts'
import { RUN_FILES } from '../run-directory.ts'
import { UsageError } from '../usage-error.ts'
import { readRegularFile } from './inside.ts'
import type { PolicyEntry } from './messages.ts'

const MOST_BYTES = 1 << 28
const SNAPSHOT = /^step-(\d{1,15})\.safetensors$/

/** By the steps that they have learned from, fewest first. */
export function policiesOf(directory: string): PolicyEntry[] {
  const entries: PolicyEntry[] = snapshotsIn(join(directory, RUN_FILES.policies)).map(({ name, step }) => ({
    name: `${RUN_FILES.policies}/${name}`,
    step,
    kind: 'snapshot',
  }))
  for (const [name, kind] of [
    [RUN_FILES.best, 'best'],
    [RUN_FILES.parameters, 'last'],
  ] as const) {
    const step = stepOf(join(directory, name))
    if (step !== undefined) entries.push({ name, step, kind })
  }
  return entries.sort((a, b) => a.step - b.step)
}

/**
 * A policy alone, without critics, as a file for `loadPolicy`.
 * @param name one of those that `policiesOf` lists
 * @throws UsageError if there is none of this name, or it is damaged
 */
export function policyFile(directory: string, name: string): Uint8Array {
  const path = join(directory, name)
  const bytes = policiesOf(directory).some(entry => entry.name === name) && readRegularFile(path, MOST_BYTES)
  if (!bytes) throw new UsageError(`The run has no policy ${name}.`)
  try {
    return policyToSafetensors(readPolicy(bytes))
  } catch (cause) {
    throw new UsageError(`${path} cannot be used: ${(cause as Error).message}`, { cause })
  }
}

function snapshotsIn(folder: string): { name: string; step: number }[] {
  // A link could lead anywhere.
  if (!lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) return []
  return readdirSync(folder).flatMap(name => {
    const step = SNAPSHOT.exec(name)?.[1]
    return step === undefined ? [] : [{ name, step: Number(step) }]
  })
}

/** Undefined if there is no such file, or a damaged one. */
function stepOf(path: string): number | undefined {
  try {
    const bytes = readRegularFile(path, MOST_BYTES)
    const steps = bytes && Number(decodeSafetensors(bytes).metadata.steps)
    return Number.isSafeInteger(steps) ? steps : undefined
  } catch {
    return undefined
  }
}
