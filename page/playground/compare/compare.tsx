import { signal } from '@preact/signals'
import type { SacOptionsInput } from '../../../src/index.ts'
import { Select } from '../../parts/fields.tsx'
import { compareWith } from '../state.ts'

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

/** Another agent beside this one, on the same seed. */
export const Compare = () => (
  <Select
    name="Compare with"
    value={chosen.value}
    options={Object.entries(RIVALS).map(([name, { label }]) => [name, label] as const)}
    onChange={name => {
      chosen.value = name
      compareWith(RIVALS[name].changes)
    }}
  />
)
