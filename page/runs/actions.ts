/** What can be done with runs. */
import type { Deleted, RunRow } from '../../src/run/ui/messages.ts'
import { report } from './notices.ts'
import { attempt, post, postWithConsent } from './server.ts'
import { show, view } from './view.ts'

const count = (ids: readonly string[]) => (ids.length === 1 ? '1 run' : `${ids.length} runs`)

export const annotate = (id: string, changes: Partial<Pick<RunRow, 'note' | 'tags' | 'archived'>>) =>
  attempt(() => post('/api/annotate', { id, ...changes }))

export async function archive(ids: readonly string[], archived = true): Promise<void> {
  await attempt(async () => {
    for (const id of ids) await post('/api/annotate', { id, archived })
    report(archived ? `Archived ${count(ids)}.` : `Took ${count(ids)} out of the archive.`, {
      action: { name: 'Undo', do: () => void archive(ids, !archived) },
    })
  })
}

export async function remove(ids: readonly string[]): Promise<void> {
  await attempt(async () => {
    const deleted = await post<Deleted[]>('/api/delete', { ids })
    const { selected, page } = view.peek()
    show({
      selected: selected.filter(id => !ids.includes(id)),
      ...(page === 'run' && { page: 'runs', id: '' }),
    })
    report(`Moved ${count(ids)} to the trash.`, {
      action: { name: 'Undo', do: () => void restore(deleted.map(({ key }) => key)) },
    })
  })
}

export const restore = (keys: readonly string[]) => attempt(() => post('/api/restore', { keys }))

export const stop = (id: string) =>
  attempt(async () => {
    await post('/api/stop', { id })
    report(`${id} stops after the present step, and saves.`)
  })

export const resume = (id: string, steps?: number) =>
  attempt(async () => {
    if (await postWithConsent('/api/resume', { id, steps })) report(`Resuming ${id}.`)
  })

/** Puts a text into the clipboard or, where that is not allowed, into a file. */
export async function copyText(text: string, file: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    report(`Copied ${file}.`)
  } catch {
    download(new Blob([text]), file)
  }
}

export function download(content: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
