import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { SacOptionsInput } from '../../../src/index.ts'
import { members } from '../../../src/sac/members/index.ts'
import { ALGORITHMS, type AlgorithmName } from '../../../src/sac/options.ts'
import { Select } from '../../parts/fields.tsx'
import { compareWith, run } from '../state.ts'

/** What the notes that SAC comes from argue for, each against its absence. */
const RIVALS: Record<string, { label: string; changes?: SacOptionsInput }> = {
  none: { label: 'nothing' },
  td3: { label: 'TD3', changes: { algorithm: 'td3' } },
  ddpg: { label: 'DDPG', changes: { algorithm: 'ddpg' } },
  cold: { label: 'temperature 0', changes: { temperature: 0 } },
  one: { label: 'one critic', changes: { critics: 1 } },
}

const chosen = signal('none')

/** The name of what it is compared with. */
export const rivalName = (): string => RIVALS[chosen.value].label

/** Those that can learn in what is in view: not every algorithm has a form for choices. */
const fitting = (discrete: boolean) =>
  Object.entries(RIVALS).filter(
    ([, { changes }]) => !discrete || !changes?.algorithm || DISCRETE.includes(changes.algorithm),
  )

const DISCRETE: readonly AlgorithmName[] = ALGORITHMS.filter(name => members[name].discrete)

function choose(name: string): void {
  chosen.value = name
  compareWith(RIVALS[name].changes)
}

/** Another agent beside this one, on the same seed. */
export function Compare() {
  const offered = fitting(run.about.value?.actionSpace.kind === 'discrete')
  // What was chosen before may not fit the environment that is in view now.
  useEffect(() => {
    if (!offered.some(([name]) => name === chosen.value)) choose('none')
  })
  return (
    <Select
      name="Compare with"
      value={chosen.value}
      options={offered.map(([name, { label }]) => [name, label] as const)}
      onChange={choose}
    />
  )
}
