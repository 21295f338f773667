import { signal, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Fields } from '../../src/run/ui/fields.ts'
import type { Launch, SettingField } from '../../src/run/ui/messages.ts'
import { Message } from '../parts/panel.tsx'
import { formatValue } from './format.ts'
import { report } from './notices.ts'
import { attempt, get, postWithConsent } from './server.ts'
import { show } from './view.ts'

/** Whether the form for a new run is open, and whose settings it begins with. */
export const launchDialog = signal<{ like?: string; environment?: string } | undefined>(undefined)

/** The settings that one changes most; all others are folded away. */
const COMMON = ['algorithm', 'steps', 'seed', 'evaluateEvery']

/** A form that starts a new run. */
export function LaunchDialog() {
  const open = launchDialog.value
  const dialog = useRef<HTMLDialogElement>(null)
  const fields = useSignal<Fields | undefined>(undefined)
  useEffect(() => {
    if (!open) return
    dialog.current?.showModal()
    void attempt(async () => (fields.value ??= await get<Fields>('/api/fields')))
  }, [open])
  if (!open) return null
  return (
    <dialog
      ref={dialog}
      class="wide"
      aria-labelledby="launch-heading"
      onClose={() => (launchDialog.value = undefined)}
    >
      <h2 id="launch-heading">
        {open.like === undefined ? 'New run' : `New run with the settings of ${open.like}`}
      </h2>
      {fields.value && <Form fields={fields.value} like={open.like} onDone={() => dialog.current?.close()} />}
    </dialog>
  )
}

function Form({
  fields: { fields, environments },
  like,
  onDone,
}: {
  fields: Fields
  like?: string
  onDone: () => void
}) {
  const environment = useSignal('Pendulum-v1')
  const values = useSignal<Readonly<Record<string, string>>>({})
  const fault = useSignal('')
  const known = environments.find(({ id }) => id === environment.value)
  const presets = like === undefined ? known?.preset : undefined

  async function start(event: Event): Promise<void> {
    event.preventDefault()
    fault.value = ''
    const named = Object.entries(values.value).filter(([, text]) => text.trim() !== '')
    const settings = Object.fromEntries(named.map(([name, text]) => [name, parse(text)]))
    try {
      const body = like === undefined ? { environment: environment.value, settings } : { like, settings }
      const answer = await postWithConsent('/api/launch', body)
      if (!answer) return
      const { run, command }: Launch = await answer.json()
      report(`Started: ${command}`, {
        action: { name: 'Show', do: () => show({ page: 'run', id: run ?? '' }) },
      })
      onDone()
    } catch (error) {
      fault.value = (error as Error).message
    }
  }

  const input = (field: SettingField) => (
    <Field
      key={field.name}
      field={field}
      preset={formatValue(presets?.[field.name] ?? field.preset)}
      value={values.value[field.name] ?? ''}
      onInput={text => {
        values.value = { ...values.value, [field.name]: text }
      }}
    />
  )
  const group = (name: SettingField['group']) =>
    fields.filter(field => field.group === name && !COMMON.includes(field.name))
  return (
    <form onSubmit={start}>
      {like === undefined && (
        <div class="field">
          <label for="environment">environment</label>
          <input
            id="environment"
            type="text"
            list="environments"
            required
            aria-describedby="environment-why"
            value={environment.value}
            onInput={event => {
              environment.value = event.currentTarget.value
            }}
          />
          <small id="environment-why">
            {known?.summary ?? 'A file such as ./my-env.ts, or gymnasium: and an id of Gymnasium'}
          </small>
          <datalist id="environments">
            {environments.map(({ id }) => (
              <option key={id} value={id} />
            ))}
          </datalist>
        </div>
      )}
      <p class="soft">What you leave empty has the value that is shown in grey.</p>
      <div class="fields">{COMMON.map(name => input(fields.find(field => field.name === name)!))}</div>
      <details>
        <summary>Training</summary>
        <div class="fields">{group('training').map(input)}</div>
      </details>
      <details>
        <summary>Hyperparameters</summary>
        <div class="fields">{group('hyperparameters').map(input)}</div>
      </details>
      {fault.value && <Message kind="bad">{fault.value}</Message>}
      <div class="row end">
        <button type="button" onClick={onDone}>
          Cancel
        </button>
        <button type="submit" class="primary">
          Start
        </button>
      </div>
    </form>
  )
}

interface FieldProps {
  field: SettingField
  /** What it has if it is left empty. */
  preset: string
  value: string
  onInput(text: string): void
}

/** A setting with its explanation: a list to choose from where only a few words are allowed, else a text. */
function Field({ field: { name, description, allowed }, preset, value, onInput }: FieldProps) {
  const isList = /^'[^']+'(, '[^']+')*$/.test(allowed)
  const words = isList ? [...allowed.matchAll(/'([^']+)'/g)].map(([, word]) => word) : []
  const id = `setting-${name}`
  const own = { id, value, 'aria-describedby': `${id}-why` }
  return (
    <div class="field">
      <label for={id}>{name}</label>
      {isList ? (
        <select {...own} onChange={event => onInput(event.currentTarget.value)}>
          <option value="">{preset}</option>
          {words
            .filter(word => word !== preset)
            .map(word => (
              <option key={word}>{word}</option>
            ))}
        </select>
      ) : (
        <input
          {...own}
          type="text"
          placeholder={preset}
          onInput={event => onInput(event.currentTarget.value)}
        />
      )}
      <small id={`${id}-why`}>
        {description}: {allowed}
      </small>
    </div>
  )
}

/** As on the command line: numbers, truth values, lists with commas. */
function parse(text: string): unknown {
  const trimmed = text.trim()
  if (trimmed.includes(',')) return trimmed.split(',').map(parse)
  if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true'
  return Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed
}
