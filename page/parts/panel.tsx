import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

interface PanelProps {
  title: string
  /** Beside the title. */
  aside?: ComponentChildren
  class?: string
  children: ComponentChildren
}

/** A part of a view with a heading. */
export function Panel({ title, aside, class: className = '', children }: PanelProps) {
  const id = useId()
  return (
    <section class={`panel ${className}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  )
}

/** Something for people to know, said by screen readers when it comes. */
export const Message = ({
  kind = 'info',
  children,
}: {
  kind?: 'info' | 'good' | 'warn' | 'bad'
  children: ComponentChildren
}) => (
  <div class={`message ${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>
    {children}
  </div>
)
