/** Which runs are meant: those in the table, and those among them that are drawn and compared. */
import { computed } from '@preact/signals'
import type { RunRow } from '../../src/run/ui/messages.ts'
import { runs } from './server.ts'
import { matches, sorted } from './table/filter.ts'
import { show, view } from './view.ts'

/** More lines than that nobody can tell apart. */
const DRAWN_UNASKED = 6
const MOST_DRAWN = 100

/** The runs of the table, in its order. */
export const listed = computed((): RunRow[] => {
  const { filter, sort, archived } = view.value
  const shown = [...runs.value.values()].filter(
    row => (archived || !row.archived) && matches(row, filter.trim()),
  )
  return sorted(shown, sort)
})

/** Those that are ticked and still there. */
export const ticked = computed((): RunRow[] =>
  view.value.selected.flatMap(id => {
    const row = runs.value.get(id)
    return row ? [row] : []
  }),
)

/** Those that are drawn: the ticked ones or, if there are none, the first of the table or all that are gathered. */
export const drawn = computed((): RunRow[] => {
  if (ticked.value.length > 0) return ticked.value.slice(0, MOST_DRAWN)
  return listed.value.slice(0, view.value.gather === 'none' ? DRAWN_UNASKED : MOST_DRAWN)
})

/** Ticks runs or takes the ticks away. */
export function select(ids: readonly string[], on: boolean): void {
  const before = new Set(view.peek().selected)
  for (const id of ids) {
    if (on) before.add(id)
    else before.delete(id)
  }
  show({ selected: [...before] })
}
