import { effect, signal } from '@preact/signals'

export type Theme = 'auto' | 'light' | 'dark'

const KEPT_AS = 'theme'

const isTheme = (text: unknown): text is Theme => text === 'auto' || text === 'light' || text === 'dark'

function kept(): Theme {
  try {
    const text = localStorage.getItem(KEPT_AS)
    return isTheme(text) ? text : 'auto'
  } catch {
    // A page without storage, such as a file opened in a strict browser, follows the system.
    return 'auto'
  }
}

/** What the visitor chose; `auto` follows the system. */
export const theme = signal<Theme>(kept())

/** Counts changes of what colours look like, for what is drawn on canvases. */
export const colourChanges = signal(0)

effect(() => {
  const chosen = theme.value
  document.documentElement.style.colorScheme = chosen === 'auto' ? 'light dark' : chosen
  try {
    localStorage.setItem(KEPT_AS, chosen)
  } catch {
    // Forgotten when the page is left, then.
  }
  colourChanges.value = colourChanges.peek() + 1
})

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => colourChanges.value++)

const NEXT: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' }
const LABELS: Record<Theme, string> = {
  auto: 'Theme: as the system',
  light: 'Theme: light',
  dark: 'Theme: dark',
}

/** Goes through light, dark and as the system is. */
export const ThemeButton = () => (
  <button type="button" class="plain" onClick={() => (theme.value = NEXT[theme.value])}>
    {LABELS[theme.value]}
  </button>
)

/** A colour of the theme as canvases take it: `series-1`, `ink`, ... */
export function colourOf(name: string): string {
  const probe = document.createElement('i')
  probe.style.color = `var(--${name})`
  document.documentElement.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
