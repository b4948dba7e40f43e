import { existsSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import GithubSlugger from 'github-slugger'

/** What a link of one page leads to, or why it leads nowhere. */
export type Target =
  | { kind: 'page'; source: string; anchor: string }
  | { kind: 'file'; path: string }
  | { kind: 'elsewhere' }
  | { kind: 'broken'; why: string }

const fence = /^(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1[ \t]*$/gm
const inlineCode = /`[^`\n]*`/g
/** In text, in references, and in the tags that Markdown lets through. */
const link =
  /(?<=\]\()([^()\s]+)(?=(?:\s+"[^"]*")?\))|(?<=^\[[^\]^\n][^\]\n]*\]:\s+)(\S+)|(?<=<(?:img|source)\b[^>]*\s(?:src|srcset)=")[^"]+(?=")/gm

/** Replaces the targets of a page's links and leaves code as it is. */
export function mapLinks(markdown: string, replace: (target: string) => string): string {
  const code = [...markdown.matchAll(fence), ...markdown.matchAll(inlineCode)].map(
    ({ index, 0: { length } }) => [index, index + length] as const,
  )
  const isCode = (at: number) => code.some(([from, to]) => from <= at && at < to)
  return markdown.replace(link, (target: string, ...rest: unknown[]) => {
    const at = rest.find((value) => typeof value === 'number')
    return isCode(at ?? 0) ? target : replace(target)
  })
}

/** The anchors of a page's headings, as GitHub and the site make them. */
export function anchorsOf(markdown: string): Set<string> {
  const slugger = new GithubSlugger()
  const text = markdown.replace(fence, '')
  return new Set(
    [...text.matchAll(/^#{1,6} +(.+?) *#*$/gm)].map(([, title = '']) =>
      slugger.slug(title.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '')),
    ),
  )
}

/**
 * @param from The page's path in the repository.
 * @param root The repository.
 * @param isPage Whether a path of the repository is a page of the site.
 */
export function follow(from: string, target: string, root: string, isPage: (path: string) => boolean): Target {
  const published = /^https:\/\/www\.npmjs\.com\/package\/(?:@tokenflight\/)?([\w-]+)(?:\/v\/[\d.]+)?(#.*)?$/.exec(
    target,
  )
  if (published !== null) {
    const source = `packages/${published[1]}/README.md`
    if (isPage(source)) return { kind: 'page', source, anchor: published[2]?.slice(1) ?? '' }
  }
  if (/^[a-z][a-z\d+.-]*:/i.test(target)) return { kind: 'elsewhere' }
  if (target.startsWith('/')) return { kind: 'broken', why: 'a path from the root means something else on every site' }
  const [path = '', anchor = ''] = target.split('#')
  const file = path === '' ? from : posix.normalize(posix.join(posix.dirname(from), decodeURIComponent(path)))
  if (file.startsWith('..')) return { kind: 'broken', why: 'it leaves the repository' }
  for (const source of [file, posix.join(file, 'README.md')]) {
    if (isPage(source)) return { kind: 'page', source, anchor }
  }
  const here = posix.join(root, file)
  if (!existsSync(here)) return { kind: 'broken', why: 'there is no such file' }
  if (anchor !== '') return { kind: 'broken', why: 'an anchor into a file that is no page' }
  return { kind: 'file', path: statSync(here).isDirectory() ? `${file.replace(/\/$/, '')}/` : file }
}
