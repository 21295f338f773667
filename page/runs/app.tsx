import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { Message } from '../parts/panel.tsx'
import { ThemeButton } from '../parts/theme.tsx'
import { ComparePage } from './compare.tsx'
import { plain } from './format.ts'
import { LaunchDialog, launchDialog } from './launch.tsx'
import { dismiss, notices, question } from './notices.ts'
import { saveReport } from './report.ts'
import { RunsPage } from './runs-page.tsx'
import { connected, folder } from './server.ts'
import { TrashDialog, trashDialog } from './trash.tsx'
import { show, view } from './view.ts'

/** The whole page. */
export function App() {
  const { page, selected } = view.value
  return (
    <>
      <header class="top">
        <h1>
          Runs <span class="soft mono">{plain(folder.value)}</span>
        </h1>
        <nav class="row" aria-label="Views">
          <PageLink page="runs" name="Runs" />
          <PageLink page="compare" name={`Compare${selected.length > 0 ? ` (${selected.length})` : ''}`} />
        </nav>
        <div class="row">
          <button type="button" class="primary" onClick={() => (launchDialog.value = {})}>
            New run
          </button>
          <button type="button" onClick={saveReport}>
            Report
          </button>
          <button type="button" onClick={() => (trashDialog.value = true)}>
            Trash
          </button>
          <ThemeButton />
        </div>
      </header>
      {!connected.value && folder.value !== '' && (
        <div class="lost">
          <Message kind="warn">
            The server does not answer, so nothing here is up to date. Is <code>sac ui</code> still running?
          </Message>
        </div>
      )}
      <main>
        {page === 'runs' && <RunsPage />}
        {page === 'compare' && <ComparePage />}
        {page === 'run' && <LaterRunPage id={view.value.id} />}
      </main>
      <Notices />
      <Question />
      <LaunchDialog />
      <TrashDialog />
    </>
  )
}

const runPage = signal<typeof import('./run/run-page.tsx').RunPage | undefined>(undefined)

/** It draws environments, which the table need not wait for. */
function LaterRunPage({ id }: { id: string }) {
  useEffect(() => {
    void import('./run/run-page.tsx').then(({ RunPage }) => {
      runPage.value = RunPage
    })
  }, [])
  const Page = runPage.value
  return Page ? <Page key={id} id={id} /> : null
}

const PageLink = ({ page, name }: { page: 'runs' | 'compare'; name: string }) => (
  <button
    type="button"
    class="plain tab"
    aria-current={view.value.page === page ? 'page' : undefined}
    onClick={() => show({ page, id: '' })}
  >
    {name}
  </button>
)

const Notices = () => (
  <section class="notices" aria-label="Messages" aria-live="polite">
    {notices.value.map(({ id, text, kind, action }) => (
      <div class={`notice ${kind}`} key={id}>
        <span>{plain(text)}</span>
        {action && (
          <button
            type="button"
            onClick={() => {
              action.do()
              dismiss(id)
            }}
          >
            {action.name}
          </button>
        )}
        <button type="button" class="plain" aria-label="Close this message" onClick={() => dismiss(id)}>
          ✕
        </button>
      </div>
    ))}
  </section>
)

function Question() {
  const asked = question.value
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (asked) dialog.current?.showModal()
  }, [asked])
  if (!asked) return null
  return (
    <dialog ref={dialog} aria-label="Question" onCancel={() => asked.answer(false)}>
      <p>{plain(asked.text)}</p>
      <div class="row end">
        <button type="button" onClick={() => asked.answer(false)}>
          Cancel
        </button>
        <button type="button" class="primary" onClick={() => asked.answer(true)}>
          {asked.yes}
        </button>
      </div>
    </dialog>
  )
}
