import './tour.css'
import { useSignal } from '@preact/signals'
import { useEffect, useId, useMemo, useRef } from 'preact/hooks'
import { Message } from '../../parts/panel.tsx'
import { ThemeButton } from '../../parts/theme.tsx'
import { toChapter } from '../route.ts'
import { toHash } from '../share/link.ts'
import { plan } from '../state.ts'
import type { Chapter, Outcome } from './chapter.ts'
import { chapters } from './chapters.ts'
import { isStill } from './parts/motion.ts'

/** The guided tour, at one of its chapters. */
export function Tour({ chapter: number }: { chapter: number }) {
  return (
    <>
      <header class="top">
        <h1>How Soft Actor-Critic works</h1>
        <span class="row">
          <a href={toHash(plan.value)}>Playground</a>
          <ThemeButton />
        </span>
      </header>
      <main class="tour">
        <nav aria-label="Chapters">
          <ol>
            {chapters.map(({ name }, i) => (
              <li key={name}>
                <a href={toChapter(i + 1)} aria-current={i + 1 === number ? 'step' : undefined}>
                  <span class="number">{i + 1}</span> <span class="name">{name}</span>
                </a>
              </li>
            ))}
          </ol>
        </nav>
        <Open key={number} number={number} chapter={chapters[number - 1]} />
      </main>
    </>
  )
}

const bringIntoSight = (element: HTMLElement | null) =>
  element?.scrollIntoView({ block: 'nearest', behavior: isStill() ? 'auto' : 'smooth' })

type Phase =
  | { of: 'asked' }
  | { of: 'playing' }
  | { of: 'seen'; outcome: Outcome }
  | { of: 'failed'; message: string }

function Open({ number, chapter }: { number: number; chapter: Chapter }) {
  const opened = useMemo(chapter.open, [chapter])
  const picked = useSignal<number | undefined>(undefined)
  const phase = useSignal<Phase>({ of: 'asked' })
  const heading = useRef<HTMLHeadingElement>(null)
  const closed = useRef(false)
  const picture = useRef<HTMLElement>(null)
  const verdict = useRef<HTMLDivElement>(null)
  const id = useId()
  const { Picture, Control } = opened

  useEffect(() => {
    // Whoever follows a link to a chapter reads on from its heading, by eye, keyboard or screen reader.
    heading.current!.focus({ preventScroll: true })
    scrollTo(0, 0)
    return () => {
      closed.current = true
      opened.close()
    }
  }, [opened])

  const play = async () => {
    phase.value = { of: 'playing' }
    // On a telephone the question is below the picture.
    bringIntoSight(picture.current)
    try {
      const outcome = await opened.play()
      if (!closed.current) phase.value = { of: 'seen', outcome }
    } catch (error) {
      if (!closed.current) phase.value = { of: 'failed', message: (error as Error).message }
    }
  }
  const over = phase.value.of === 'seen' || phase.value.of === 'failed'
  useEffect(() => {
    if (over) bringIntoSight(verdict.current)
  }, [over])
  const playing = phase.value.of === 'playing'
  return (
    <article aria-labelledby={id}>
      <section class="tour-text">
        <h2 id={id} ref={heading} tabIndex={-1}>
          {chapter.title}
        </h2>
        {chapter.words}
        {chapter.equation}
      </section>
      <section class="panel tour-picture" aria-label="Picture" ref={picture}>
        <Picture />
        <fieldset class="plain" disabled={playing}>
          <legend class="unseen">What you can change</legend>
          <Control />
        </fieldset>
      </section>
      <section class="panel tour-question">
        <fieldset class="plain" disabled={playing}>
          <legend>{chapter.question}</legend>
          {chapter.answers.map((answer, i) => (
            <label class="answer" key={answer}>
              <input
                type="radio"
                name={id}
                checked={picked.value === i}
                onChange={() => {
                  picked.value = i
                }}
              />
              {answer}
            </label>
          ))}
        </fieldset>
        <div class="row">
          <button
            type="button"
            class="primary"
            disabled={picked.value === undefined || playing}
            onClick={play}
          >
            {playing ? 'Playing …' : phase.value.of === 'seen' ? 'Play again' : 'Play'}
          </button>
          {picked.value === undefined && <small>Predict first.</small>}
        </div>
        <div aria-live="polite" ref={verdict}>
          <Verdict phase={phase.value} picked={picked.value} answers={chapter.answers} />
        </div>
        {phase.value.of === 'seen' && number < chapters.length && (
          <p class="tour-next">
            <a class="button" href={toChapter(number + 1)}>
              Next: {chapters[number].name} →
            </a>
          </p>
        )}
      </section>
    </article>
  )
}

function Verdict({ phase, picked, answers }: { phase: Phase; picked?: number; answers: readonly string[] }) {
  if (phase.of === 'failed') return <Message kind="bad">{phase.message}</Message>
  if (phase.of !== 'seen') return null
  const { right, why } = phase.outcome
  return (
    <div class={`message ${picked === right ? 'good' : 'info'} why`}>
      <strong>
        {picked === right ? 'As you predicted.' : `Another answer came true: ${answers[right]}.`}
      </strong>{' '}
      {why}
    </div>
  )
}
