import { signal, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Deleted } from '../../src/run/ui/messages.ts'
import { restore } from './actions.ts'
import { formatTime, plain } from './format.ts'
import { ask } from './notices.ts'
import { attempt, get, post } from './server.ts'

/** Whether the trash is open. */
export const trashDialog = signal(false)

/** Deleted runs, to be brought back or deleted for ever. */
export function TrashDialog() {
  const dialog = useRef<HTMLDialogElement>(null)
  const deleted = useSignal<readonly Deleted[] | undefined>(undefined)
  const open = trashDialog.value
  const read = () => attempt(async () => (deleted.value = await get<Deleted[]>('/api/trash')))
  useEffect(() => {
    if (!open) return
    dialog.current?.showModal()
    void read()
  }, [open])
  if (!open) return null

  async function bringBack(key: string): Promise<void> {
    await restore([key])
    await read()
  }

  async function empty(): Promise<void> {
    const many = deleted.value?.length
    if (
      !(await ask(
        `Delete ${many === 1 ? '1 run' : `${many} runs`} for ever? This cannot be undone.`,
        'Delete for ever',
      ))
    )
      return
    await attempt(() => post('/api/empty-trash', {}))
    await read()
  }

  return (
    <dialog ref={dialog} aria-labelledby="trash-heading" onClose={() => (trashDialog.value = false)}>
      <h2 id="trash-heading">Trash</h2>
      {deleted.value?.length === 0 && <p>The trash is empty.</p>}
      <ul class="plain-list">
        {deleted.value?.map(({ key, id, deletedAt }) => (
          <li key={key} class="row spread">
            <span>
              {plain(id)} <small class="soft">{formatTime(deletedAt)}</small>
            </span>
            <button type="button" onClick={() => bringBack(key)}>
              Restore<span class="unseen"> {id}</span>
            </button>
          </li>
        ))}
      </ul>
      <div class="row end">
        <button type="button" disabled={!deleted.value?.length} onClick={empty}>
          Empty the trash
        </button>
        <button type="button" class="primary" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  )
}
