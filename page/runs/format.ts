import { printable } from '../../src/printable.ts'

/** A text from a run's files: marks that hide or turn around what follows are shown as what they are. */
export const plain = (text: string): string => printable(text)

const whole = new Intl.NumberFormat('en')

export const formatCount = (value: number): string => whole.format(Math.round(value))

/** Four digits are what one compares. */
export function formatNumber(value: number | undefined): string {
  if (value === undefined) return ''
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e6 || size < 1e-3)) return value.toExponential(2)
  return size >= 100 ? value.toFixed(1) : String(Number(value.toPrecision(4)))
}

/** 75 as `1 min 15 s`. */
export function formatDuration(seconds: number | undefined): string {
  if (seconds === undefined) return ''
  if (seconds < 60) return `${Math.round(seconds)} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`
}

const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' })
const minute = new Intl.DateTimeFormat('en', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})

export function formatTime(text: string | undefined): string {
  const time = new Date(text ?? '')
  if (Number.isNaN(time.getTime())) return ''
  return (time.getFullYear() === new Date().getFullYear() ? minute : day).format(time)
}

/** A setting as one writes it. */
export function formatValue(value: unknown): string {
  if (value === undefined || value === null) return '–'
  if (Array.isArray(value) && value.every(item => typeof item !== 'object')) return plain(value.join(', '))
  return plain(typeof value === 'object' ? JSON.stringify(value) : String(value))
}
