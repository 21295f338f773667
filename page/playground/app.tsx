import { useSignal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'
import { Message } from '../parts/panel.tsx'
import { Playground } from './playground.tsx'
import { chapterIn } from './route.ts'
import { leave } from './state.ts'

/** The playground, or the guided tour, which is loaded when it is asked for. */
export function App() {
  const chapter = useSignal(chapterIn(location.hash))
  const tour = useSignal<{ Tour: ComponentType<{ chapter: number }> } | undefined>(undefined)
  const fault = useSignal('')
  const open = chapter.value

  useEffect(() => {
    const follow = () => {
      chapter.value = chapterIn(location.hash)
    }
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  useEffect(() => {
    if (open === undefined) return
    leave()
    import('./tour/tour.tsx').then(
      module => {
        tour.value = module
      },
      (error: Error) => {
        fault.value = `The guided tour could not be loaded: ${error.message}. Is this machine still online?`
      },
    )
  }, [open === undefined])

  if (open === undefined) return <Playground />
  if (fault.value) return <Message kind="bad">{fault.value}</Message>
  return tour.value ? <tour.value.Tour chapter={open} /> : null
}
