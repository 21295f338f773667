import { useId } from 'preact/hooks'

interface SliderProps {
  name: string
  value: number
  min: number
  max: number
  step?: number
  /** Below the slider. */
  explanation?: string
  format?: (value: number) => string
  onChange: (value: number) => void
}

/** A number by hand, with its value beside its name. */
export function Slider({ name, value, min, max, step, explanation, format = String, onChange }: SliderProps) {
  const id = useId()
  return (
    <div class="field">
      <label class="name" for={id}>
        <span>{name}</span>
        <span class="number">{format(value)}</span>
      </label>
      <input
        id={id}
        type="range"
        {...{ min, max, value }}
        step={step ?? (max - min) / 100}
        onInput={event => onChange(event.currentTarget.valueAsNumber)}
        aria-valuetext={format(value)}
        aria-describedby={explanation && `${id}-why`}
      />
      {explanation && <small id={`${id}-why`}>{explanation}</small>}
    </div>
  )
}

interface ChoiceProps<T extends string> {
  /** What is chosen, for screen readers. */
  name: string
  value: T
  options: readonly (readonly [value: T, label: string])[]
  onChange: (value: T) => void
}

/** One of a few, all of them in sight. */
export function Choice<T extends string>({ name, value, options, onChange }: ChoiceProps<T>) {
  const id = useId()
  return (
    <fieldset class="choice">
      <legend class="unseen">{name}</legend>
      {options.map(([option, label]) => (
        <label key={option}>
          <input type="radio" name={id} checked={option === value} onChange={() => onChange(option)} />
          {label}
        </label>
      ))}
    </fieldset>
  )
}

interface SelectProps {
  name: string
  value: string
  options: readonly (readonly [value: string, label: string])[]
  /** Whether the name is seen, or only heard. */
  named?: boolean
  onChange: (value: string) => void
}

/** One of many. */
export function Select({ name, value, options, named = true, onChange }: SelectProps) {
  const id = useId()
  return (
    <span class="row">
      <label for={id} class={named ? undefined : 'unseen'}>
        {name}
      </label>
      <select id={id} value={value} onChange={event => onChange(event.currentTarget.value)}>
        {options.map(([option, label]) => (
          <option key={option} value={option}>
            {label}
          </option>
        ))}
      </select>
    </span>
  )
}

/** Yes or no. */
export const Check = ({
  name,
  checked,
  onChange,
}: {
  name: string
  checked: boolean
  onChange: (checked: boolean) => void
}) => (
  <label class="check">
    <input type="checkbox" checked={checked} onChange={event => onChange(event.currentTarget.checked)} />
    {name}
  </label>
)
