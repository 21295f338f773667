import { useSignal } from '@preact/signals'
import { save } from '../share/downloads.ts'
import { plan, run } from '../state.ts'
import { createReel } from './reel.ts'

const reel = createReel(run)

/** The last episode that was shown, as a video or a GIF to take away. */
export function FilmButtons() {
  const share = useSignal<number | undefined>(undefined)
  const make = async (kind: 'makeVideo' | 'makeGif') => {
    share.value = 0
    await run.attempt(
      (async () => {
        const film = await import('./film.ts')
        const { bytes, ending, type } = await film[kind](reel.frames(), done => {
          share.value = done
        })
        save(`${plan.value.world.id}.${ending}`, bytes, type)
      })(),
    )
    share.value = undefined
  }
  const disabled = !reel.ready.value || share.value !== undefined
  return (
    <fieldset class="row downloads">
      <legend class="unseen">Download the last episode</legend>
      <button type="button" disabled={disabled} onClick={() => make('makeVideo')}>
        Film of the last episode
      </button>
      <button type="button" disabled={disabled} onClick={() => make('makeGif')}>
        … as a GIF
      </button>
      {share.value !== undefined && (
        <progress aria-label="The film is being made" value={share.value} max="1" />
      )}
    </fieldset>
  )
}
