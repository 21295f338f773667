/** The policy at regular times of training, small files without critics, so that one can look at what it could do then. */
import { join } from 'node:path'
import type { PolicySource } from '../policy/policy.ts'
import { policyToSafetensors } from '../policy/policy-file.ts'
import type { TrainingEvent } from '../training/events.ts'
import { RUN_FILES } from './run-directory.ts'
import { policyInterval, type RunSettings } from './settings.ts'
import { makeFolder, writeFileAtomically } from './write-file.ts'

/**
 * Saves the policy of a run at every multiple of an interval: `policies/step-000012000.safetensors`. A run that resumes
 * from an earlier step makes the same files again.
 *
 * @param agent as it is before the first event
 * @param requireHeld is called before anything is written
 * @returns to be called with every event of training
 */
export function createPolicySnapshots(
  directory: string,
  settings: Pick<RunSettings, 'steps'>,
  agent: PolicySource & { steps: number },
  requireHeld: () => void,
): (event: TrainingEvent) => void {
  const every = policyInterval(settings)
  const folder = join(directory, RUN_FILES.policies)
  let last = agent.steps
  return event => {
    if (event.type !== 'step') return
    const due = Math.floor(event.step / every) > Math.floor(last / every)
    last = event.step
    if (!due) return
    requireHeld()
    makeFolder(folder)
    const path = join(folder, `step-${String(event.step).padStart(9, '0')}.safetensors`)
    writeFileAtomically(path, policyToSafetensors(agent))
  }
}
