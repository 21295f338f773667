import { useSignal } from '@preact/signals'
import { Message } from '../../parts/panel.tsx'

type Range = readonly [from: number, to: number]

interface RangeFieldsProps {
  /** What x counts. */
  name: string
  /** The part in sight; undefined for all of it. */
  range: Range | undefined
  /** All there is. */
  extent: Range
  onChange(range: Range | undefined): void
}

/** The part of the curves in sight, by numbers: what dragging over a chart does, without a mouse. */
export function RangeFields({ name, range, extent, onChange }: RangeFieldsProps) {
  const fault = useSignal('')
  const [from, to] = range ?? extent
  function change(next: Range): void {
    const made = next.map((value, i) => (Number.isFinite(value) ? value : extent[i])) as [number, number]
    const isRange = made[0] < made[1]
    fault.value = isRange ? '' : `It cannot go from ${made[0]} to ${made[1]}.`
    if (isRange) onChange(made)
  }
  const field = (title: string, value: number, set: (value: number) => Range) => (
    <label class="field">
      <span>{title}</span>
      <input
        type="number"
        step="any"
        value={Math.round(value)}
        aria-invalid={fault.value !== ''}
        onChange={event => change(set(event.currentTarget.valueAsNumber))}
      />
    </label>
  )
  return (
    <fieldset class="plain range">
      <legend class="unseen">Part of the {name} in sight</legend>
      {field('From', from, value => [value, to])}
      {field('to', to, value => [from, value])}
      {range && (
        <button type="button" onClick={() => onChange(undefined)}>
          Zoom out
        </button>
      )}
      {fault.value && <Message kind="bad">{fault.value}</Message>}
    </fieldset>
  )
}
