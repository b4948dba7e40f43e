import type { Terminal } from '../terminal.ts'
import type { AuthorizationServer } from './authorization-server.ts'
import type { ClientName } from './clients/client.ts'
import type { DemoOptions } from './demo.ts'
import { drawLegend } from './legend.ts'
import { drawAxis, drawTimeline, scaleOf } from './picture.ts'
import type { DemoResult } from './result.ts'
import { isPerfect } from './result.ts'
import { drawTable } from './table.ts'

/** What is about to happen. */
export function introduce(
  server: Pick<AuthorizationServer, 'name' | 'version' | 'note' | 'missing'>,
  options: DemoOptions,
  clients: readonly ClientName[],
  missingClients: readonly string[] = [],
): string {
  const { name, version, note } = server
  const missing = [...(server.missing ?? []), ...missingClients]
  const lines = [
    `${name} ${version} on 127.0.0.1, ${crowdOf(options)}, ${count(options.expiries, 'expiry', 'expiries')}`,
  ]
  if (note !== undefined) lines.push(note)
  lines.push(clients.length === 1 ? `All callers use ${clients[0]}.` : `Callers take ${list(clients)} in turn.`)
  if (missing.length > 0)
    lines.push(
      'For all that there is:',
      `npx ${['tokenflight', ...missing].map((name) => `-p ${name} `).join('')}tokenflight demo`,
    )
  return lines.join('\n')
}

/** All that the demo has to say to a person, after it ran. */
export function tellStory(result: DemoResult, terminal: Terminal): string {
  const { expiries, timeline } = result
  const { paint } = terminal
  const timelines = [timeline.without, timeline.with]
  const scale = scaleOf(timelines, terminal)
  const crowd = `${crowdOf(result)}, one expired token`
  const lines = [
    '',
    ...drawTimeline(`The usual way: ${crowd}`, timeline.without, scale, terminal),
    '',
    ...drawTimeline('With tokenflight: the same callers', timeline.with, scale, terminal),
    drawAxis(scale, terminal),
    ...drawLegend(timelines, terminal),
    '',
    paint('bold', `In all, over ${count(expiries, 'expiry', 'expiries')}`),
    ...drawTable(result.without, result.with, terminal).map(indented),
    '',
    ...wrap(conclude(result), Math.min(terminal.columns, 100) - 2).map(indented),
    '',
    ...nextStep(terminal).map(indented),
    '',
  ]
  return lines.join('\n')
}

/** One or two sentences on what was seen; nothing that was not. */
export function conclude(result: DemoResult): string {
  const { without, with: ours, processes, threads, expiries, clients } = result
  const callers = clients.length === 1 ? 'the same callers' : `the same callers on ${list(clients)}`
  const failed = without.requests - without.succeeded
  const before = without.grantAlive
    ? processes * threads === 1
      ? 'One process alone gets by the usual way; the trouble begins with the second one.'
      : 'The usual way got away with it this time; the next run may not.'
    : `The usual way, each ${threads > 1 ? 'thread' : 'process'} refreshed for itself: a spent refresh token came back ${count(without.replays, 'time')}, the authorization server took it for stolen and revoked the login, and ${failed} of ${without.requests} requests failed.`
  const after = isPerfect(ours, expiries)
    ? `With tokenflight, ${callers} made ${count(ours.tokenRequests, 'token request')} for ${count(expiries, 'expiry', 'expiries')}, every request succeeded, and the login lives.`
    : `With tokenflight, ${ours.succeeded} of ${ours.requests} requests succeeded with ${count(ours.tokenRequests, 'token request')} and ${count(ours.replays, 'replay')}: that is not what it promises, please report it.`
  return `${before} ${after}`
}

function nextStep({ paint }: Terminal): string[] {
  return [
    paint('bold', 'npm install tokenflight'),
    '',
    `const grant = refreshTokenGrant({ issuer, clientId })`,
    `const tokens = createTokenManager({ grant, store: fileStore('login.json') })`,
    `const api = withBearer(fetch, tokens, { origins: 'https://api.example.com' })`,
    `// or withBearer(axios.create({ baseURL }), tokens), and so with got and ky`,
  ]
}

export function crowdOf({ processes, callers, threads }: DemoOptions): string {
  const inside = threads > 1 ? ` in ${threads} threads` : ''
  return `${count(processes, 'process', 'processes')} x ${count(callers, 'caller')}${inside}`
}

function indented(line: string): string {
  return line && `  ${line}`
}

function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

/** Breaks at spaces. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
