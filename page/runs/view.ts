/** What is shown, kept in the address, so that a link or a reload shows the same. */
import { signal } from '@preact/signals'
import { hashToView, type View, viewToHash } from './view-address.ts'

export type { View }

export const view = signal<View>(hashToView(location.hash))

addEventListener('hashchange', () => {
  view.value = hashToView(location.hash)
})

/** Changes a part of the view. Another page is a step that the browser can go back; a change of the same one is not. */
export function show(changes: Partial<View>): void {
  const next = { ...view.peek(), ...changes }
  const isStep = next.page !== view.peek().page || next.id !== view.peek().id
  view.value = next
  history[isStep ? 'pushState' : 'replaceState'](null, '', `#${viewToHash(next)}`)
}
