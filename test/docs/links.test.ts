import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { assemble } from '../../docs/site/assemble.ts'
import { anchorsOf, follow, mapLinks } from '../../docs/site/links.ts'
import { pages } from '../../docs/site/pages.ts'
import { readerPages, repository } from './snippets.ts'

const scratch = mkdtempSync(join(tmpdir(), 'tokenflight-site-'))
afterAll(() => rmSync(scratch, { recursive: true }))

function linksOf(markdown: string): string[] {
  const targets: string[] = []
  mapLinks(markdown, (target) => {
    targets.push(target)
    return target
  })
  return targets
}

describe('The pages of the site', () => {
  it('link to files, pages and headings that exist', () => {
    expect(assemble(repository, join(scratch, 'src'))).toEqual([])
  })

  it('are all that users read', () => {
    const shown = new Set(pages.map(({ source }) => source))
    expect(readerPages().filter((page) => !shown.has(page))).toEqual([])
  })
})

describe('A link', () => {
  const isPage = (path: string) => path === 'docs/faq.md'

  it('is found in text, in references, around and in pictures, and not in code', () => {
    const markdown =
      '[a](x.md) ![b](y.svg "title") `[c](no)`\n\n```ts\n[d](no)\n```\n\n[e]: z.md\n\n[^1]: No link.\n\n<picture><source srcset="d.svg"><img alt="no.md" src="w.svg"></picture>\n'
    expect(linksOf(markdown)).toEqual(['x.md', 'y.svg', 'z.md', 'd.svg', 'w.svg'])
  })

  it('to a missing file, out of the repository, or from the root is broken', () => {
    for (const target of ['nowhere.md', '../../x.md', '/docs/faq.md', '../README.md#x'])
      expect(follow('docs/faq.md', target, repository, isPage)).toMatchObject({ kind: 'broken' })
  })

  it('to a heading is the anchor that GitHub makes of it', () => {
    expect([...anchorsOf("# What's `new`?\n\n## Twice\n\n## Twice\n\n```sh\n# no heading\n```\n")]).toEqual([
      'whats-new',
      'twice',
      'twice-1',
    ])
  })
})
