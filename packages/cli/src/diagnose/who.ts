import { createHmac, randomBytes } from 'node:crypto'
import type { Entry } from './entry.ts'
import { fieldNames } from './field-names.ts'
import type { Who } from './signal.ts'

const stop =
  'is|was|has|had|not|for|with|agent|and|to|in|on|at|logged|signed|token|must|needs|will|id|from|the|an?|refresh|session|of|failed|error|after|by|or|can|cannot|may|again|re|expired|are|no|does|did|revoked|ids?|grant|refreshed|rejected|service|info|data|store|file|key|request|already|due|because|access|without|until|credentials?|authentication|assertion|secret|name|used'
const prose = {
  user: new RegExp(
    String.raw`\b(?:user|account|customer|subject|tenant|member|shop|org|organi[sz]ation|workspace|portal|mailbox|site|merchant|project|listener|player|installation|login of|connection of|owner|principal)(?: id)?[ #:'"(<\[]+(?!(?:${stop})\b)([\w.@+|:-]{1,80}[\w|])`,
    'i',
  ),
  session: new RegExp(
    String.raw`\b(?:session|connection|device|installation)(?: id)?[ #:'"(]+(?!(?:${stop})\b)([\w.@+|-]{1,80}\w)`,
    'i',
  ),
  client: new RegExp(String.raw`\bclient(?: id)?[ :'"(]+(?!(?:${stop})\b)([\w.@-]{1,80}\w)`, 'i'),
  process:
    /\bpid[ :#]+(\d{1,8})\b|\bprocess[ #:]+(\d{1,8})\b|\[(?:pid )?(\d{2,8})\]|[[\s]#(\d{2,8})\]|\([\w-]{1,40}\/(\d{2,8})\)/i,
  worker: /\b((?:worker|thread|job|tab)[-_ #:]{0,2}\d{1,6})\b|\[ *([\w-]{1,30}(?:-\d{1,5}){1,4})\]/i,
  email: /\b([\w.+-]{1,60}@[\w-]{1,60}(?:\.[\w-]{2,60}){1,4})\b/,
}

/** Ids that name something else than a login. */
const technical =
  /^(?:p|t|r|c|s|k|u|g|uu|gu|x)id$|(?:thread|process|request|req|trace|span|correlation|message|msg|event|log|job|task|run|worker|client|app|build|instance|host|parent|transaction|key|node|pod|container|machine|invocation|execution|operation|error|token|code|insert|source|region|zone|version|commit|deploy\w*|release|queue|stream|group|partition|page|order|invoice|item|product|document|file|record|row|entity|object|resource|activity|hint)id$/

/** A field that is called an id, and may be that of a login. */
function someId(fields: ReadonlyMap<string, string>): string | undefined {
  for (const [name, value] of fields)
    if (name.length > 2 && name.endsWith('id') && !technical.test(name) && /^[\w.@|:-]{1,80}$/.test(value)) return value
  return undefined
}

// Tokens are compared, never kept: by a key that exists in this process only.
const secret = randomBytes(32)

/** Who an entry is about: by its fields, and where they say nothing by its prose. */
export function whoOf({ fields, text }: Pick<Entry, 'fields' | 'text'>): Who {
  const field = (kind: keyof typeof fieldNames): string | undefined => {
    for (const name of fieldNames[kind]) {
      const value = fields.get(name)
      if (value !== undefined && value !== '-' && value !== 'null' && value !== 'undefined') return value
    }
    return undefined
  }
  const said = (pattern: RegExp): string | undefined =>
    pattern
      .exec(text)
      ?.slice(1)
      .find((group) => group !== undefined)
  const pid = field('process') ?? said(prose.process)
  const named = field('thread')
  const worker = named === undefined ? (field('worker') ?? said(prose.worker)) : undefined
  const token = field('token')
  // Workers are processes as a rule; what calls itself a thread or belongs to a pool is not.
  const inside = worker !== undefined && /thread|exec|pool|schedul|nio|fiber/i.test(worker)
  const process = [pid, inside ? undefined : worker].filter((part) => part !== undefined).join('/')
  const who: Record<keyof Who, string | undefined> = {
    user:
      field('user') ??
      said(prose.user) ??
      said(prose.email) ??
      (field('session') === undefined ? someId(fields) : undefined),
    session: field('session') ?? said(prose.session),
    client: field('client') ?? said(prose.client),
    // The port is another for each connection.
    address: field('address')?.replace(/^([\d.]+):\d+$/, '$1'),
    host: field('host'),
    process: process === '' ? undefined : process,
    thread: named ?? (inside ? worker : undefined),
    request: field('request'),
    presented:
      token === undefined ? undefined : createHmac('sha256', secret).update(token).digest('base64url').slice(0, 16),
  }
  for (const [name, value] of Object.entries(who)) if (value === undefined) delete who[name as keyof Who]
  return who as Who
}
