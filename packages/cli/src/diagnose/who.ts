import { createHmac, randomBytes } from 'node:crypto'
import type { Entry } from './entry.ts'
import type { Who } from './signal.ts'

const names = {
  user: [
    'userid',
    'useruid',
    'uid',
    'user',
    'username',
    'usersub',
    'useremail',
    'sub',
    'subject',
    'accountid',
    'account',
    'accountname',
    'email',
    'customerid',
    'customer',
    'tenantid',
    'tenant',
    'tenantname',
    'memberid',
    'member',
    'principal',
    'actorid',
    'actor',
    'shop',
    'shopdomain',
    'orgid',
    'org',
    'organizationid',
    'organisation',
    'workspaceid',
    'workspace',
    'teamid',
    'team',
    'merchantid',
    'realmid',
    'login',
    'owner',
    'remoteuser',
    'key',
    'credentialkey',
    'credential',
    'tokenflightkey',
    'profile',
    'organisation',
    'organization',
    'portal',
    'portalid',
    'mailbox',
    'site',
    'merchant',
    'project',
    'listener',
    'player',
  ],
  session: [
    'connectionid',
    'connection',
    'integrationid',
    'grantid',
    'grant',
    'sessionid',
    'session',
    'sid',
    'deviceid',
    'device',
    'family',
    'familyid',
    'installationid',
    'installation',
  ],
  client: [
    'clientid',
    'client',
    'oauthclient',
    'appid',
    'application',
    'provider',
    'providerid',
    'issuer',
    'integration',
    'service',
  ],
  address: ['remoteaddr', 'remoteip', 'clientip', 'ip', 'ipaddress', 'remoteaddress', 'sourceip', 'xforwardedfor'],
  host: [
    'hostname',
    'host',
    'pod',
    'podname',
    'kubernetespodname',
    'machine',
    'node',
    'instance',
    'instanceid',
    'server',
    'dyno',
    'containername',
    'containerid',
    'program',
    'replica',
  ],
  process: ['pid', 'processid', 'processpid', 'ospid'],
  thread: ['workerid', 'worker', 'threadid', 'thread', 'threadname', 'tid', 'job', 'jobid', 'tab', 'tabid', 'page'],
  request: ['requestid', 'reqid', 'traceid', 'correlationid', 'xrequestid', 'spanid', 'cid', 'rid'],
  token: [
    'refreshtoken',
    'refreshtokenid',
    'refreshtokenhash',
    'rthash',
    'rtfp',
    'tokenhash',
    'tokenfingerprint',
    'fingerprint',
    'rtid',
  ],
} as const

const stop =
  'is|was|has|had|not|for|with|agent|and|to|in|on|at|logged|signed|token|must|needs|will|id|from|the|an?|refresh|session|of|failed|error|after|by|or|can|cannot|may|again|re|expired|are|no|does|did|revoked|ids?|grant|refreshed|rejected|service|info|data|store|file|key|request|already|due|because|access|without|until|credentials?|authentication|assertion|secret|name|used'
const prose = {
  user: new RegExp(
    String.raw`\b(?:user|account|customer|subject|tenant|member|shop|org|organi[sz]ation|workspace|portal|mailbox|site|merchant|project|listener|player|installation|login of|connection of|owner)(?: id)?[ #:'"(<\[]+(?!(?:${stop})\b)([\w.@+|:-]{1,80}[\w|])`,
    'i',
  ),
  session: new RegExp(
    String.raw`\b(?:session|connection|device|installation)(?: id)?[ #:'"(]+(?!(?:${stop})\b)([\w.@+|-]{1,80}\w)`,
    'i',
  ),
  client: new RegExp(String.raw`\bclient(?: id)?[ :'"(]+(?!(?:${stop})\b)([\w.@-]{1,80}\w)`, 'i'),
  process:
    /\bpid[ :#]+(\d{1,8})\b|\bprocess[ #:]+(\d{1,8})\b|\[(?:pid )?(\d{2,8})\]|[[\s]#(\d{2,8})\]|\([\w-]{1,40}\/(\d{2,8})\)/i,
  thread: /\b((?:worker|thread|job|tab)[-_ #:]{0,2}\d{1,6})\b|\[([\w-]{1,30}(?:-\d{1,5}){1,4})\]/i,
  email: /\b([\w.+-]{1,60}@[\w-]{1,60}(?:\.[\w-]{2,60}){1,4})\b/,
}

// Tokens are compared, never kept: by a key that exists in this process only.
const secret = randomBytes(32)

/** Who an entry is about: by its fields, and where they say nothing by its prose. */
export function whoOf({ fields, text }: Pick<Entry, 'fields' | 'text'>): Who {
  const field = (kind: keyof typeof names): string | undefined => {
    for (const name of names[kind]) {
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
  const thread = field('thread') ?? said(prose.thread)
  const token = field('token')
  const process = [pid, thread].filter((part) => part !== undefined).join('/')
  const who: Record<keyof Who, string | undefined> = {
    user: field('user') ?? said(prose.user) ?? said(prose.email),
    session: field('session') ?? said(prose.session),
    client: field('client') ?? said(prose.client),
    address: field('address'),
    host: field('host'),
    process: process === '' ? undefined : process,
    request: field('request'),
    presented:
      token === undefined ? undefined : createHmac('sha256', secret).update(token).digest('base64url').slice(0, 16),
  }
  for (const [name, value] of Object.entries(who)) if (value === undefined) delete who[name as keyof Who]
  return who as Who
}
