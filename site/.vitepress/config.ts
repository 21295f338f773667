/** The documentation site: the Markdown that stands in the repository, as it is, and the reference made of its sources. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { type DefaultTheme, defineConfig, type MarkdownRenderer } from 'vitepress'

const root = join(import.meta.dirname, '../..')
const { repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const repositoryPage = repository.url.replace(/^git\+|\.git$/g, '')

const NOT_PAGES = ['dist', 'bench', 'native', 'page', 'site', 'src', 'test', 'tools', 'examples']

/** Links to sources lead to the repository, because the site has only pages. */
function linkSources(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('sources', ({ tokens, env }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.attrGet('href')
      if (token.type !== 'link_open' || !href || /^(\w+:|#|\/)/.test(href)) continue
      const [path] = href.split('#')
      const place = relative(root, join(dirname(env.path), path))
      const isSource = NOT_PAGES.includes(place.split('/')[0]) || !/\.(md|html)$/.test(path)
      if (isSource && existsSync(join(root, place)))
        token.attrSet('href', `${repositoryPage}/blob/main/${place}`)
    }
  })
}

/** Pages in the order in which somebody new reads them. */
const GUIDE: Record<string, Record<string, string>> = {
  Start: {
    'Getting started': '/docs/getting-started',
    'Your own environment': '/docs/environments',
    'In your program': '/docs/library',
    'In a page': '/docs/browser',
    'The playground and sac ui': '/docs/page',
  },
  Use: {
    'Runs and their files': '/docs/runs',
    'Stop and resume': '/docs/resume',
    Export: '/docs/export',
    'Pictures and films': '/docs/pictures',
    'Stored data': '/docs/data',
    'Goals and hindsight': '/docs/goals',
    Studies: '/docs/studies',
    'Searching for settings': '/docs/tuning',
    'Actors and a learner': '/docs/distributed',
  },
  'Look up': {
    Hyperparameters: '/docs/hyperparameters',
    'Coming from Python': '/docs/coming-from-python',
    Troubleshooting: '/docs/troubleshooting',
    Glossary: '/docs/glossary',
    Results: '/docs/results',
    'API reference': '/docs/api/',
  },
  Understand: {
    'How it works': '/docs/how-it-works',
    'The algorithm, exactly': '/docs/algorithm',
    Engines: '/docs/engines',
    Performance: '/docs/performance',
  },
}

const sidebar: DefaultTheme.SidebarItem[] = Object.entries(GUIDE).map(([text, pages]) => ({
  text,
  items: Object.entries(pages).map(([text, link]) => ({ text, link })),
}))

/** Made by typedoc beside its pages. */
const apiSidebar = (): DefaultTheme.SidebarItem[] => {
  const file = join(root, 'docs/api/typedoc-sidebar.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []
}

export default defineConfig({
  title: 'soft-actor-critic',
  description:
    'Soft Actor-Critic for TypeScript and JavaScript: continuous control that trains in Node and in the browser',
  lang: 'en',
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  srcDir: '..',
  srcExclude: [
    '**/node_modules/**',
    'dist/**',
    '.*/**',
    'bench/**',
    'native/**',
    'page/**',
    'site/**',
    'test/**',
    'studies/*/runs/**',
    'runs/**',
  ],
  outDir: '../dist/docs',
  cacheDir: '../node_modules/.cache/vitepress',
  rewrites: { 'README.md': 'index.md' },
  markdown: {
    config: linkSources,
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Start', link: '/docs/getting-started' },
      { text: 'Hyperparameters', link: '/docs/hyperparameters' },
      { text: 'API', link: '/docs/api/' },
      { text: 'Results', link: '/docs/results' },
      { text: 'Changes', link: '/CHANGELOG' },
    ],
    sidebar: { '/docs/api/': apiSidebar(), '/': sidebar },
  },
})
