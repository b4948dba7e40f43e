import { readdirSync } from 'node:fs'

/** A Markdown file of the repository that is a page of the site. */
export interface Page {
  /** Its path in the repository. */
  source: string
  /** Its place on the site, without the ending. */
  place: string
  /** Its name in the navigation. */
  name: string
}

const guide = (file: string, name: string): Page => ({
  source: `docs/${file}.md`,
  place: file === 'index' ? 'index' : `guide/${file}`,
  name,
})

export const packageNames: string[] = readdirSync(new URL('../../packages', import.meta.url)).sort()

/** A package's name on npm. */
export const titleOf = (name: string): string => (name === 'tokenflight' ? name : `@tokenflight/${name}`)

/** The groups of the navigation, in reading order. */
export const groups: { name: string; pages: Page[] }[] = [
  {
    name: 'Start',
    pages: [
      guide('start', 'In three lines'),
      guide('start-cli', 'A command line or an agent'),
      guide('start-back-end', 'A back end with many users'),
      guide('start-service', 'A service without users'),
      guide('start-browser', 'A single-page application'),
    ],
  },
  {
    name: 'Understand',
    pages: [
      guide('how-it-works', 'How it works'),
      guide('promises', 'What is promised'),
      guide('stores', 'Stores'),
      guide('providers', 'Authorization servers'),
      guide('browsers', 'What to keep in a browser'),
      guide('security', 'Security'),
    ],
  },
  {
    name: 'Do',
    pages: [
      guide('migrating', 'Migrating'),
      guide('diagnosing', 'Diagnosing a production log'),
      guide('cli', 'The command, every option'),
      guide('watching', 'Metrics, traces and logs'),
      { source: 'examples/README.md', place: 'guide/examples', name: 'Examples' },
      guide('faq', 'Questions'),
    ],
  },
  {
    name: 'Measured',
    pages: [
      guide('peers', 'Other libraries'),
      guide('bench', 'Speed'),
      { source: 'test/chaos/README.md', place: 'guide/chaos', name: 'Chaos' },
    ],
  },
  {
    name: 'Packages',
    pages: packageNames.map((name) => ({
      source: `packages/${name}/README.md`,
      place: `packages/${name}`,
      name: titleOf(name),
    })),
  },
  {
    name: 'The project',
    pages: [
      { source: 'README.md', place: 'readme', name: 'In short' },
      { source: 'CONTRIBUTING.md', place: 'contributing', name: 'Contributing' },
      { source: 'SECURITY.md', place: 'security', name: 'Reporting a vulnerability' },
      { source: 'test/conformance/adapters/README.md', place: 'conformance', name: 'Adapter rules and their tests' },
    ],
  },
]

export const pages: Page[] = [guide('index', 'tokenflight'), ...groups.flatMap((group) => group.pages)]
