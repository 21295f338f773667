/** What is shown, as a part of an address. */
import type { Gathering, XAxis } from '../../src/run/ui/messages.ts'

export interface View {
  page: 'runs' | 'compare' | 'run'
  /** The run of the page `run`. */
  id: string
  /** Ids of the runs that are ticked. */
  selected: readonly string[]
  filter: string
  /** A column, with a minus before it for the highest first. */
  sort: string
  columns: readonly string[]
  archived: boolean
  x: XAxis
  gather: Gathering
  smoothing: number
  /** A regular expression that names of metrics match. */
  metrics: string
  range: readonly [number, number] | undefined
}

const DEFAULTS: View = {
  page: 'runs',
  id: '',
  selected: [],
  filter: '',
  sort: '-started',
  columns: [
    'status',
    'steps',
    'bestReturn',
    'lastReturn',
    'evaluation',
    'seconds',
    'started',
    'tags',
    'note',
  ],
  archived: false,
  x: 'steps',
  gather: 'none',
  smoothing: 0,
  metrics: '^return$|^evaluationMean$|^temperature$|^entropy$|^q1$|^criticLoss$',
  range: undefined,
}

const ONE_OF = {
  page: ['runs', 'compare', 'run'],
  x: ['steps', 'updates', 'time'],
  gather: ['none', 'mean', 'iqm'],
} as const

/** The view as the part of the address after `#`: only what is not as usual. */
export function viewToHash(view: View): string {
  const entries = Object.entries(view).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(DEFAULTS[name as keyof View]),
  )
  return new URLSearchParams(
    entries.map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(encodeItem).join(',') : String(value),
    ]),
  ).toString()
}

/** Lists are written with commas, which ids may have too. */
const encodeItem = (item: unknown) => String(item).replaceAll('%', '%25').replaceAll(',', '%2C')
const decodeItem = (text: string) => text.replaceAll('%2C', ',').replaceAll('%25', '%')

/** The reverse. What does not make sense is as usual. */
export function hashToView(hash: string): View {
  const given = new URLSearchParams(hash.replace(/^#/, ''))
  const text = (name: keyof View) => given.get(name) ?? (DEFAULTS[name] as string)
  const list = (name: 'selected' | 'columns') =>
    given.has(name) ? given.get(name)!.split(',').filter(Boolean).map(decodeItem) : DEFAULTS[name]
  const oneOf = <K extends keyof typeof ONE_OF>(name: K): View[K] =>
    (ONE_OF[name] as readonly string[]).includes(given.get(name) ?? '')
      ? (given.get(name) as View[K])
      : DEFAULTS[name]
  const smoothing = Number(given.get('smoothing') ?? 0)
  const range = given.get('range')?.split(',').map(Number)
  return {
    page: oneOf('page'),
    id: text('id'),
    selected: list('selected'),
    filter: text('filter'),
    sort: text('sort'),
    columns: list('columns'),
    archived: given.get('archived') === 'true',
    x: oneOf('x'),
    gather: oneOf('gather'),
    smoothing: smoothing >= 0 && smoothing < 1 ? smoothing : 0,
    metrics: text('metrics'),
    range:
      range?.length === 2 && range.every(Number.isFinite) && range[0] < range[1]
        ? [range[0], range[1]]
        : undefined,
  }
}
