import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import * as z from 'zod/mini'
import { type SacOptionsInput, sacOptionsSchema } from '../../../src/index.ts'
import { formatValue, optionValue } from '../../../src/option-text.ts'
import { aboutOption, innerType } from '../../../src/options.ts'
import { hasOption } from '../../../src/sac/parse-options.ts'
import { Panel } from '../../parts/panel.tsx'
import { begin, plan, run } from '../state.ts'
import { HIDDEN, IMPORTANT, type OptionName, RESTARTING } from './setting-fields.ts'

/** Every hyperparameter, with what it means. */
export function Settings() {
  const algorithm = plan.value.agent.algorithm ?? 'sac'
  const names = (Object.keys(sacOptionsSchema.shape) as OptionName[]).filter(
    name => hasOption(algorithm, name) && !HIDDEN.includes(name),
  )
  const rest = names.filter(name => !IMPORTANT.includes(name))
  const fields = (some: readonly OptionName[]) => (
    <div class="settings">
      {some.map(name => (
        <Setting key={`${algorithm} ${name}`} name={name} />
      ))}
    </div>
  )
  return (
    <Panel
      title="Settings"
      class="all-settings"
      aside={<small>Marked ↺: a change begins anew. The others change at once.</small>}
    >
      {fields(IMPORTANT.filter(name => names.includes(name)))}
      <details>
        <summary>All {names.length} settings</summary>
        {fields(rest)}
      </details>
    </Panel>
  )
}

/** Sets an option, or takes it back to its default. */
async function set(name: OptionName, value: unknown): Promise<unknown> {
  const { [name]: _, ...others } = plan.value.agent
  const agent: SacOptionsInput = value === undefined ? others : { ...others, [name]: value }
  // Of another algorithm, only what both have.
  if (name === 'algorithm')
    return begin({ ...plan.value, agent: { seed: agent.seed, algorithm: agent.algorithm } })
  if (RESTARTING.includes(name) || run.counts.value.step === 0) return begin({ ...plan.value, agent })
  plan.value = { ...plan.value, agent }
  await run.change(agent)
}

/** One of them. */
function Setting({ name }: { name: OptionName }) {
  const id = useId()
  const wrong = useSignal<string | undefined>(undefined)
  const type = sacOptionsSchema.shape[name]
  const { description, allowed } = aboutOption(type)
  const options = run.about.value?.options as Record<string, unknown> | undefined
  const value = plan.value.agent[name] ?? options?.[name]
  const inner = innerType(type)
  const own = plan.value.agent[name] !== undefined
  const common = { id, 'aria-describedby': `${id}-why`, 'aria-invalid': wrong.value !== undefined }

  const enter = (text: string) => {
    const parsed = text.trim() === '' ? { value: undefined } : optionValue(type, text)
    wrong.value = parsed ? undefined : `${name} is '${text}'; it must be ${allowed}.`
    if (parsed) set(name, parsed.value)
  }
  return (
    <div class="setting">
      <label for={id} class={own ? 'own' : undefined}>
        {name}
        {RESTARTING.includes(name) && <span title="A change begins anew"> ↺</span>}
      </label>
      {inner instanceof z.ZodMiniBoolean ? (
        <input
          {...common}
          type="checkbox"
          checked={value === true}
          onChange={e => set(name, e.currentTarget.checked)}
        />
      ) : inner instanceof z.ZodMiniEnum ? (
        <select {...common} value={String(value)} onChange={e => set(name, e.currentTarget.value)}>
          {inner.options.map(choice => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : (
        <input
          {...common}
          type="text"
          value={value === undefined ? '' : formatValue(value)}
          placeholder="default"
          onChange={e => enter(e.currentTarget.value)}
        />
      )}
      <small id={`${id}-why`}>{wrong.value ? <span class="wrong">{wrong.value}</span> : description}</small>
    </div>
  )
}
