import { slug } from 'github-slugger'
import footnote from 'markdown-it-footnote'
import { defineConfig } from 'vitepress'
import { groups, titleOf } from '../pages.ts'
import { referenced } from '../reference.ts'

const link = (place: string) => `/${place}`

export default defineConfig({
  title: 'tokenflight',
  description: 'One refresh, every caller: OAuth token refresh for many callers, processes, machines and tabs.',
  srcDir: 'src',
  outDir: 'dist',
  cleanUrls: true,
  // The pages say when they are wrong; a link that leads nowhere ends the build.
  ignoreDeadLinks: false,
  markdown: {
    anchor: { slugify: (text: string) => slug(text) },
    config: (md) => void md.use(footnote),
    theme: { light: 'github-light', dark: 'github-dark' },
  },
  head: [
    ['link', { rel: 'icon', href: '/pictures/docs/pictures/mark.svg', type: 'image/svg+xml' }],
    ['meta', { name: 'theme-color', content: '#1f6f5c' }],
  ],
  themeConfig: {
    logo: '/pictures/docs/pictures/mark.svg',
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Start', link: '/guide/start' },
      { text: 'How it works', link: '/guide/how-it-works' },
      { text: 'Examples', link: '/guide/examples' },
      { text: 'Reference', link: '/api/' },
    ],
    sidebar: [
      ...groups.map(({ name, pages }) => ({
        text: name,
        collapsed: name === 'Packages' || name === 'The project',
        items: pages.map((page) => ({ text: page.name, link: link(page.place) })),
      })),
      {
        text: 'Reference',
        collapsed: true,
        items: referenced.map((name) => ({ text: titleOf(name), link: link(`api/${name}`) })),
      },
    ],
    docFooter: { prev: 'Before', next: 'Next' },
  },
})
