import type { Signal } from '@preact/signals'
import { Slider } from '../../../parts/fields.tsx'
import { decimals } from './plot.tsx'

interface ControlProps {
  name: string
  value: Signal<number>
  min: number
  max: number
  step?: number
  explanation?: string
}

/** A chapter's number by hand. */
export const Control = ({ value, step = 0.05, ...rest }: ControlProps) => (
  <Slider
    {...rest}
    step={step}
    value={value.value}
    format={number => decimals(number)}
    onChange={next => {
      value.value = next
    }}
  />
)
